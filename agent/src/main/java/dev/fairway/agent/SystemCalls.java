package dev.fairway.agent;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;

/// The filter of the kernel for the system calls of a job: those on keys are refused, everything
/// else is allowed.
///
/// Keys are the one thing that jobs would share whatever their users and namespaces are: a process
/// has the session's keys of the one that started it, and every job is started by the agent.
///
/// A filter is a program of instructions of 8 bytes each, see `linux/filter.h` and
/// `linux/seccomp.h`.
final class SystemCalls {
  private static final int LOAD = 0x20;
  private static final int AND = 0x54;
  private static final int IF_EQUAL = 0x15;
  private static final int RETURN = 0x06;

  private static final int NUMBER = 0;
  private static final int MACHINE = 4;
  private static final int ALLOW = 0x7fff0000;
  private static final int NOT_PERMITTED = 0x00050001;

  /// Set in the numbers of a second way to make the same calls on x86-64.
  private static final int OTHER_WAY = 0x40000000;

  /// How the calls of one kind of program are numbered.
  ///
  /// @param machine its `AUDIT_ARCH` of `linux/audit.h`
  /// @param keys `add_key`, `request_key` and `keyctl`
  private record Numbers(int machine, List<Integer> keys) {}

  private static final List<Numbers> MACHINES =
      List.of(
          new Numbers(0xc000003e, List.of(248, 249, 250)),
          new Numbers(0x40000003, List.of(286, 287, 288)),
          new Numbers(0xc00000b7, List.of(217, 218, 219)),
          new Numbers(0x40000028, List.of(309, 310, 311)));

  private SystemCalls() {}

  /// The filter as bubblewrap takes it.
  static byte[] withoutKeys() {
    var program = ByteBuffer.allocate(1024).order(ByteOrder.nativeOrder());
    add(program, LOAD, 0, 0, MACHINE);
    for (var numbers : MACHINES) {
      var keys = numbers.keys();
      add(program, IF_EQUAL, 0, keys.size() + 4, numbers.machine());
      add(program, LOAD, 0, 0, NUMBER);
      add(program, AND, 0, 0, ~OTHER_WAY);
      for (var at = 0; at < keys.size(); at++) {
        add(program, IF_EQUAL, keys.size() - at, 0, keys.get(at));
      }
      add(program, RETURN, 0, 0, ALLOW);
      add(program, RETURN, 0, 0, NOT_PERMITTED);
    }
    add(program, RETURN, 0, 0, ALLOW);
    var bytes = new byte[program.position()];
    program.flip().get(bytes);
    return bytes;
  }

  /// @param then and `otherwise` how many instructions are left out
  private static void add(ByteBuffer program, int code, int then, int otherwise, int value) {
    program.putShort((short) code).put((byte) then).put((byte) otherwise).putInt(value);
  }
}
