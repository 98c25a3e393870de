package dev.fairway.server.delivery.target;

/// Which process it is, beyond doubt: a pid comes again, a pid with its start time within one boot
/// does not.
///
/// @param startTicks field 22 of `/proc/PID/stat`: clock ticks from boot to the start
/// @param bootId of `/proc/sys/kernel/random/boot_id`
public record ProcessIdentity(long pid, long startTicks, String bootId) {
  /// A process that ended before it could be looked at: never alive.
  static final ProcessIdentity NONE = new ProcessIdentity(0, -1, "");
}
