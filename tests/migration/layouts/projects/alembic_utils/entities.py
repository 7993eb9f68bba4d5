from alembic_utils.pg_function import PGFunction
from alembic_utils.pg_trigger import PGTrigger
from alembic_utils.pg_view import PGView

lower_email = PGFunction(
    schema="public",
    signature="lower_email()",
    definition="""
    returns trigger language plpgsql as $$
    begin
        new.email = lower(new.email);
        return new;
    end
    $$
    """,
)
keep_lower = PGTrigger(
    schema="public",
    signature="keep_lower",
    on_entity="public.customers",
    definition="before insert or update on public.customers for each row execute function public.lower_email()",
)
rich = PGView(schema="public", signature="rich", definition="select id, points from customers where points > 100")
ENTITIES = [lower_email, keep_lower, rich]
