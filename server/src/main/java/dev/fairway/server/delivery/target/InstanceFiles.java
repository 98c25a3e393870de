package dev.fairway.server.delivery.target;

import dev.fairway.api.DurableFiles;
import dev.fairway.api.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JacksonException;

/// The records of instances on disk, one file each.
final class InstanceFiles {
  private static final Logger LOG = LoggerFactory.getLogger(InstanceFiles.class);
  private static final String SUFFIX = ".json";

  private final Path folder;

  InstanceFiles(Path folder) throws IOException {
    this.folder = Files.createDirectories(folder);
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx------"));
  }

  /// All of them. One that cannot be read is put aside: it must not keep the others, and the server
  /// with them, from starting.
  List<InstanceRecord> all() throws IOException {
    var records = new ArrayList<InstanceRecord>();
    try (var files = Files.newDirectoryStream(folder, "*" + SUFFIX)) {
      for (var file : files) {
        try {
          records.add(Json.MAPPER.readValue(Files.readAllBytes(file), InstanceRecord.class));
        } catch (JacksonException e) {
          LOG.error("{} is damaged and put aside; its process is ended", file, e);
          var aside = file.resolveSibling(file.getFileName() + ".damaged");
          Files.move(file, aside, StandardCopyOption.REPLACE_EXISTING);
        }
      }
    }
    return records;
  }

  void save(InstanceRecord record) throws IOException {
    var name = record.order().id() + SUFFIX;
    DurableFiles.replace(folder.resolve(name), Json.MAPPER.writeValueAsBytes(record));
  }

  void delete(UUID id) throws IOException {
    Files.deleteIfExists(folder.resolve(id + SUFFIX));
  }
}
