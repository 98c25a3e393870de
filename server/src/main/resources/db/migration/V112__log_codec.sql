-- How the segment is compressed: 0 deflate, 1 LZ4; see LogSegment.
ALTER TABLE log_segment ADD COLUMN codec smallint NOT NULL DEFAULT 0;
