package dev.fairway.agent;

import java.io.IOException;
import java.nio.file.Files;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/// The `settings.xml` of a job's Maven.
///
/// @param machine the URL of the repository that the machine has, see [MavenCache]
/// @param servers whose credentials Maven takes from variables
record MavenSettings(Optional<String> machine, List<Server> servers) {
  MavenSettings {
    servers = List.copyOf(servers);
  }

  /// @param fields what Maven calls them, with the names of the variables that have their values
  record Server(String id, List<Field> fields) {
    Server {
      fields = List.copyOf(fields);
    }

    record Field(String name, String variable) {}

    private String xml() {
      return fields.stream()
          .map(field -> "<%1$s>${env.%2$s}</%1$s>".formatted(field.name(), field.variable()))
          .collect(Collectors.joining("", "    <server><id>" + id + "</id>", "</server>\n"));
    }
  }

  /// Tells the Maven of a job that has not begun where to look first.
  void write(JobFolder folder) throws IOException {
    var file = Files.createDirectory(folder.home().resolve(".m2")).resolve("settings.xml");
    Files.writeString(file, xml());
    folder.handOver(file, "rw-------");
    folder.handOver(folder.home().resolve(".m2"), "rwx------");
  }

  String xml() {
    var xml = new StringBuilder("<settings>\n  <interactiveMode>false</interactiveMode>\n");
    if (!servers.isEmpty()) {
      xml.append("  <servers>\n");
      servers.forEach(server -> xml.append(server.xml()));
      xml.append("  </servers>\n");
    }
    machine.ifPresent(url -> xml.append(profile(url)));
    return xml.append("</settings>\n").toString();
  }

  private static String profile(String url) {
    return """
      <profiles>
        <profile>
          <id>fairway</id>
          <repositories>
            <repository>
              <id>fairway-machine</id>
              <url>%1$s</url>
              <releases><updatePolicy>never</updatePolicy><checksumPolicy>ignore</checksumPolicy></releases>
              <snapshots><enabled>false</enabled></snapshots>
            </repository>
          </repositories>
          <pluginRepositories>
            <pluginRepository>
              <id>fairway-machine</id>
              <url>%1$s</url>
              <releases><updatePolicy>never</updatePolicy><checksumPolicy>ignore</checksumPolicy></releases>
              <snapshots><enabled>false</enabled></snapshots>
            </pluginRepository>
          </pluginRepositories>
        </profile>
      </profiles>
      <activeProfiles><activeProfile>fairway</activeProfile></activeProfiles>
    """
        .formatted(url);
  }
}
