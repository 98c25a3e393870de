package dev.fairway.agent;

import dev.fairway.api.JobAssignment;

/// What a job consists of while it runs.
record JobParts(
    JobAssignment assignment,
    JobHost host,
    Cancellation cancellation,
    JobFolder folder,
    Masker masker,
    JobLog log,
    JobReport report) {}
