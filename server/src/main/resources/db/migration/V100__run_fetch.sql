-- Runs whose called workflows of other repositories are still to be fetched. The run is there, with its number and its place; its jobs
-- come once the files are.
CREATE TABLE run_fetch (
    run_id        uuid PRIMARY KEY REFERENCES run,
    project_id    uuid        NOT NULL,
    workflow_path text        NOT NULL,
    number        bigint      NOT NULL,
    -- Until then the server that took it is at it; after that, another one may.
    try_at        timestamptz NOT NULL
);

CREATE INDEX run_fetch_order ON run_fetch (project_id, workflow_path, number);
