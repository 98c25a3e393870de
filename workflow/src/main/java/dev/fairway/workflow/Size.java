package dev.fairway.workflow;

/// How large what was read is, reckoned as the official parser does it: as objects in memory, two
/// bytes a character. So a workflow is too large here when it is there.
final class Size {
  private static final long OBJECT = 24;
  private static final long STRING = 26;

  private final long limit;
  private long bytes;

  Size(long limit) {
    this.limit = limit;
  }

  static long ofCollection() {
    return OBJECT;
  }

  static long of(Value scalar) {
    return scalar instanceof Value.Str text ? OBJECT + ofName(text.value()) : OBJECT;
  }

  /// Of a file's name.
  static long ofName(String name) {
    return STRING + 2L * name.length();
  }

  long bytes() {
    return bytes;
  }

  void add(long more) {
    bytes += more;
  }

  boolean exceeded() {
    return bytes > limit;
  }

  String message() {
    return "Maximum object size exceeded: with every alias and every called file it comes to more"
        + " than %d bytes. Call or repeat less".formatted(limit);
  }
}
