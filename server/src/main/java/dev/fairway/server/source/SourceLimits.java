package dev.fairway.server.source;

import java.time.Duration;

/// How much of everything this package takes, keeps and gives.
public final class SourceLimits {
  /// Bytes of one pushed pack; more is refused by git, which tells the pusher.
  static final long MAX_PACK_BYTES = 2L << 30;

  /// Bytes, unpacked, in which a fetch says what it wants and has.
  static final long MAX_FETCH_REQUEST_BYTES = 10L << 20;

  /// Branches and tags that one push may move.
  static final int MAX_REF_UPDATES_PER_PUSH = 200;

  /// Bytes in which a push says what it wants to move, and where its history is cut off.
  static final int MAX_PUSH_HEAD_BYTES = 2 << 20;

  /// Commits of one ref update that get a record with their first push time; the newest ones.
  static final int MAX_COMMITS_RECORDED = 10_000;

  /// Commits of one ref update that its evidence lists; it counts them all.
  static final int MAX_COMMITS_IN_EVIDENCE = 100;

  /// Characters of a commit's message that are kept.
  static final int MAX_MESSAGE_CHARS = 64 << 10;

  /// Bytes of a file that [Repository#text] reads.
  public static final int MAX_FILE_BYTES = 1 << 20;

  /// Files that [Repository#files] lists, and changes that [Repository#changes] lists.
  public static final int MAX_FILES = 10_000;

  /// Commits that [Repository#commits] lists.
  public static final int MAX_COMMITS = 1_000;

  /// Branches and tags of a repository.
  static final int MAX_REFS = 50_000;

  /// Git processes that answer clients at a time; more clients wait.
  static final int MAX_TRANSFERS = 32;

  /// Git processes that read for pages and runs at a time.
  static final int MAX_READS = 16;

  /// Git processes that talk to other servers at a time.
  static final int MAX_REMOTES = 4;

  /// Bytes of a file that such a process writes: a pack, an archive.
  static final long MAX_REMOTE_BYTES = 1L << 30;

  /// Bytes of what such a process answers.
  static final int MAX_REMOTE_ANSWER_BYTES = 1 << 20;

  static final Duration MAX_REMOTE_TIME = Duration.ofMinutes(2);

  /// How long a client waits for its turn.
  static final Duration MAX_WAIT = Duration.ofSeconds(20);

  static final Duration MAX_TRANSFER_TIME = Duration.ofMinutes(15);

  /// How long a client may go on sending after git has ended.
  static final Duration MAX_DRAIN_TIME = Duration.ofSeconds(30);

  static final Duration MAX_READ_TIME = Duration.ofSeconds(30);

  static final int MAX_NAME_CHARS = 50;
  static final int MAX_DESCRIPTION_CHARS = 500;

  private SourceLimits() {}
}
