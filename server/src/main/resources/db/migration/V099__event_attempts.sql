-- How often an event could not be handled: others go before it, and one that never can is dropped.
ALTER TABLE raised_event ADD COLUMN attempts int NOT NULL DEFAULT 0;

-- Where people find what the job brought to its environment.
ALTER TABLE job ADD COLUMN environment_url text;
