package dev.fairway.api;

/// @param size how many bytes of the job's log the server holds, durably
public record LogReply(long size) {}
