-- What happened. A row is written in the transaction of the state change and gets its index later,
-- from the sequencer; `index` is gap-free.
CREATE TABLE ledger_entry (
    id          uuid PRIMARY KEY,
    type        text        NOT NULL,
    subjects    jsonb       NOT NULL,
    predicate   jsonb       NOT NULL,
    about       text[]      NOT NULL,
    actor       text        NOT NULL,
    recorded_at timestamptz NOT NULL,
    index       bigint UNIQUE
);

CREATE INDEX ledger_entry_waiting ON ledger_entry (id) WHERE index IS NULL;
CREATE INDEX ledger_entry_about ON ledger_entry USING gin (about);
