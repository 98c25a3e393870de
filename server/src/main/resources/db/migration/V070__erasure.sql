-- A payload that the law wants gone: the row keeps its index, type, time, signature and leaf, and the
-- references that are not of people. `erasure` is the entry that says who erased it, and why.
ALTER TABLE ledger_entry ALTER COLUMN payload DROP NOT NULL;
ALTER TABLE ledger_entry ADD COLUMN erasure uuid REFERENCES ledger_entry;
ALTER TABLE ledger_entry
    ADD CONSTRAINT ledger_entry_erased CHECK ((payload IS NULL) = (erasure IS NOT NULL)),
    ADD CONSTRAINT ledger_entry_erased_once_logged CHECK (erasure IS NULL OR index IS NOT NULL);

CREATE INDEX ledger_entry_erasure ON ledger_entry (erasure) WHERE erasure IS NOT NULL;
