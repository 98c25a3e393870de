-- The workflows that the workflow of a run calls, each as it was found when the run was made, so that reading them again needs nothing
-- else. Runs that call none have no row.
CREATE TABLE run_calls (
    run_id uuid PRIMARY KEY REFERENCES run,
    calls  json NOT NULL
);

-- What a job needs to be run that does not stand in the run's own file, or that bounds what it may do.
ALTER TABLE job
    -- The called workflow in which it stands; null for the run's own.
    ADD COLUMN workflow_file text,
    -- Which of the run's secrets it sees.
    ADD COLUMN secrets_path  json NOT NULL DEFAULT '[]',
    -- Levels by scope, the most that its token may do; null where an earlier version decided about it, which let it read its source.
    ADD COLUMN permissions   json,
    ADD COLUMN environment   text;
