-- Whether that attempt says more than usual: asked for with its re-run.
ALTER TABLE job ADD COLUMN debug boolean NOT NULL DEFAULT false;

-- A run is compared with the earlier ones of its workflow.
CREATE INDEX run_of_workflow ON run (project_id, workflow_path, number DESC);
