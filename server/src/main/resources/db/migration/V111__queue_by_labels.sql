-- A claim goes by the sets of labels that queued jobs want; see Queue.
CREATE INDEX job_queue_labels ON job (labels, turn, id) WHERE phase = 'queued';
