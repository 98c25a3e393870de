package dev.fairway.testing;

import com.sun.management.HotSpotDiagnosticMXBean;
import com.sun.management.HotSpotDiagnosticMXBean.ThreadDumpFormat;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.PreInterruptCallback;
import org.junit.jupiter.api.extension.PreInterruptContext;

/// Prints what every thread does, the virtual ones too, when a test has taken longer than any may:
/// whoever reads the build's output afterwards has nothing else to go by.
public final class ThreadDump implements PreInterruptCallback {
  @Override
  public void beforeThreadInterrupt(PreInterruptContext interrupted, ExtensionContext test) {
    System.err.println(test.getUniqueId() + " has taken too long. Its threads:\n" + take());
  }

  /// What the threads of this process do.
  static String take() {
    var machine = ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class);
    try {
      var folder = Files.createTempDirectory("threads");
      try {
        // It makes the file itself, and refuses one that is there.
        var file = folder.resolve("dump");
        machine.dumpThreads(file.toString(), ThreadDumpFormat.TEXT_PLAIN);
        var dump = Files.readString(file);
        Files.delete(file);
        return dump;
      } finally {
        Files.delete(folder);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
