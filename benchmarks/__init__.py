"""What is measured, beside a peer where there is one."""
