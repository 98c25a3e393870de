-- The servers that share this database. A row is written at a server's start and kept fresh while it lives; the times are the
-- database's, so that no two clocks are compared.
CREATE TABLE replica (
    id         uuid        PRIMARY KEY,
    host       text        NOT NULL,
    -- Holds the data folder: at most one server does, so a new one knows that the former is dead.
    holder     boolean     NOT NULL,
    started_at timestamptz NOT NULL DEFAULT now(),
    seen_at    timestamptz NOT NULL DEFAULT now()
);

-- Whose git a push runs in: another server leaves it alone as long as that one lives.
ALTER TABLE push ADD COLUMN replica_id uuid;
