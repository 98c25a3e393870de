package dev.fairway.server.artifact;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.fairway.api.ErrorCode;
import dev.fairway.api.FairwayException;
import java.io.IOException;
import java.nio.file.Files;

/// Whatever is uploaded, it is a zip that may be unpacked or it is refused as none.
final class ZipCheckFuzzTest {
  @FuzzTest
  void aZipIsTakenOrRefused(byte[] content) throws IOException {
    var file = Files.createTempFile("fuzz", ".zip");
    try {
      Files.write(file, content);
      ZipCheck.check(file);
    } catch (FairwayException e) {
      if (e.code() != ErrorCode.UNPROCESSABLE && e.code() != ErrorCode.TOO_LARGE) {
        throw e;
      }
    } finally {
      Files.delete(file);
    }
  }
}
