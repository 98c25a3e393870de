-- What happened. A row is written in the transaction of the state change, with the very bytes that
-- will be signed; index, signature and leaf come later, from the sequencer, all at once. `index` is
-- gap-free.
CREATE TABLE ledger_entry (
    id          uuid PRIMARY KEY,
    type        text        NOT NULL,
    subjects    jsonb       NOT NULL,
    predicate   jsonb       NOT NULL,
    about       text[]      NOT NULL,
    actor       text        NOT NULL,
    recorded_at timestamptz NOT NULL,
    payload     bytea       NOT NULL,
    index       bigint UNIQUE,
    signature   bytea,
    leaf        bytea,
    CHECK ((index IS NULL) = (leaf IS NULL)),
    CHECK ((index IS NULL) = (signature IS NULL))
);

CREATE INDEX ledger_entry_waiting ON ledger_entry (id) WHERE index IS NULL;
CREATE INDEX ledger_entry_about ON ledger_entry USING gin (about);

-- The hash tiles of the Merkle tree. A partial tile is a prefix of what it becomes, so one row per
-- tile serves every earlier width too. Entry bundles are made from ledger_entry.leaf.
CREATE TABLE ledger_tile (
    level  smallint NOT NULL,
    index  bigint   NOT NULL,
    hashes bytea    NOT NULL,
    PRIMARY KEY (level, index)
);

-- Every checkpoint that was ever signed: an auditor may hold any of them.
CREATE TABLE ledger_checkpoint (
    size      bigint PRIMARY KEY,
    note      text        NOT NULL,
    signed_at timestamptz NOT NULL
);

-- How far each subscriber has read: the index of the first entry that it has not seen.
CREATE TABLE ledger_cursor (
    name text PRIMARY KEY,
    next bigint NOT NULL
);
