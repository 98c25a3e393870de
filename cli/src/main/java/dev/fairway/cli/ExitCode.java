package dev.fairway.cli;

import dev.fairway.api.ErrorCode;

/// How a command ends, for scripts.
final class ExitCode {
  static final int SUCCESS = 0;
  static final int WORK_FAILED = 1;
  static final int BAD_INPUT = 2;
  static final int OUR_ERROR = 3;

  private ExitCode() {}

  static int of(ErrorCode code) {
    return switch (code) {
      case INVALID_INPUT,
          UNAUTHENTICATED,
          FORBIDDEN,
          NOT_FOUND,
          CONFLICT,
          TOO_LARGE,
          UNPROCESSABLE,
          RATE_LIMITED,
          UNSUPPORTED ->
          BAD_INPUT;
      case LEASE_LOST, LOG_GAP, INCOMPLETE, INTERNAL, DATABASE_UNAVAILABLE, STORAGE_UNAVAILABLE ->
          OUR_ERROR;
    };
  }
}
