package dev.fairway.server.delivery.target;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/// Artifacts for tests.
final class Zips {
  private Zips() {}

  static ArtifactZip artifact(String name, byte[] zip) {
    try {
      var digest = HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(zip));
      return new ArtifactZip(name, digest, () -> new ByteArrayInputStream(zip));
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError(e);
    }
  }

  static byte[] zip(Map<String, byte[]> files) throws IOException {
    var bytes = new ByteArrayOutputStream();
    try (var zip = new ZipOutputStream(bytes)) {
      for (var file : files.entrySet()) {
        zip.putNextEntry(new ZipEntry(file.getKey()));
        zip.write(file.getValue());
        zip.closeEntry();
      }
    }
    return bytes.toByteArray();
  }

  static byte[] zip(String name, String content) throws IOException {
    return zip(Map.of(name, content.getBytes(UTF_8)));
  }

  /// A release of the test service.
  static ArtifactZip shop(String behaviour) throws IOException {
    var path = ShopService.class.getName().replace('.', '/') + ".class";
    try (var in = ShopService.class.getClassLoader().getResourceAsStream(path)) {
      if (in == null) {
        throw new AssertionError("the test service is not on the class path");
      }
      var files = new LinkedHashMap<String, byte[]>();
      files.put(path, in.readAllBytes());
      files.put("behaviour", behaviour.getBytes(UTF_8));
      return artifact("shop", zip(files));
    }
  }
}
