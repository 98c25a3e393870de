-- Who holds a concurrency group of a project, and who waits for it, in the order of their coming. The project's row in run_counter is
-- the lock under which this changes.
CREATE TABLE concurrency_turn (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    project_id uuid        NOT NULL,
    -- In small letters: groups that differ only in case are the same.
    group_key  text        NOT NULL,
    name       text        NOT NULL,
    run_id     uuid        NOT NULL REFERENCES run,
    run_number bigint      NOT NULL,
    -- Empty for the run as a whole, else the path of the job or call.
    holder     text        NOT NULL,
    held       boolean     NOT NULL,
    -- Which run took its place, so that it has to stop or wait no longer; null while none has.
    evicted    text,
    asked_at   timestamptz NOT NULL,
    UNIQUE (run_id, holder, group_key)
);

CREATE UNIQUE INDEX concurrency_holder ON concurrency_turn (project_id, group_key) WHERE held;
CREATE INDEX concurrency_group ON concurrency_turn (project_id, group_key, id);

-- Runs about which something has to be decided because of what happened elsewhere. Rows are only added, so that nobody who has one
-- run's lock waits for somebody who has another's.
CREATE TABLE run_wakeup (
    id     bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    run_id uuid NOT NULL REFERENCES run
);

CREATE INDEX run_wakeup_run ON run_wakeup (run_id);
