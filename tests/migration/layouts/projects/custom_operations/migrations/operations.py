"""An operation of the project's own, as Alembic's documentation shows it."""

from alembic.operations import MigrateOperation, Operations


@Operations.register_operation("grant_select")
class GrantSelect(MigrateOperation):
    def __init__(self, table):
        self.table = table

    @classmethod
    def grant_select(cls, operations, table):
        return operations.invoke(cls(table))

    def reverse(self):
        return RevokeSelect(self.table)


@Operations.register_operation("revoke_select")
class RevokeSelect(MigrateOperation):
    def __init__(self, table):
        self.table = table

    @classmethod
    def revoke_select(cls, operations, table):
        return operations.invoke(cls(table))

    def reverse(self):
        return GrantSelect(self.table)


@Operations.implementation_for(GrantSelect)
def grant_select(operations, operation):
    operations.execute(f"GRANT SELECT ON {operation.table} TO PUBLIC")


@Operations.implementation_for(RevokeSelect)
def revoke_select(operations, operation):
    operations.execute(f"REVOKE SELECT ON {operation.table} FROM PUBLIC")
