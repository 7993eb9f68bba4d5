"""What people see in a browser: small pages, made on the server, without scripts."""
