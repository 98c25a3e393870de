package dev.fairway.agent;

import dev.fairway.workflow.BuiltinAction;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Properties;

/// `actions/setup-java`.
record SetupJava(Setup setup) implements Action {
  private static final List<Path> FOLDERS =
      List.of(Path.of("/usr/lib/jvm"), Path.of("/opt/java"), Path.of("/opt/hostedtoolcache/Java"));

  @Override
  public Result run(Stop stop) throws IOException, InterruptedException {
    var inputs = setup.inputs();
    inputs.only(BuiltinAction.SETUP_JAVA);
    var tool = new SetupTool(SetupTool.Kind.JAVA, setup);
    var outputs = setup.scene().outputs();
    var additions = setup.job().additions();
    var here = installed();
    var chosen = new ArrayList<SetupMaven.Jdk>();
    for (var wanted : tool.wanted()) {
      var java = tool.choose(wanted, here);
      var home = java.home().toString();
      additions.addVariables(
          Map.of("JAVA_HOME", home, "JAVA_HOME_" + java.major() + "_" + setup.arch(), home));
      additions.addPaths(List.of(home + "/bin"));
      outputs.put("distribution", inputs.text("distribution", ""));
      outputs.put("version", java.version());
      outputs.put("path", home);
      setup.say("Java " + java.version() + " at " + home);
      chosen.add(new SetupMaven.Jdk(wanted, home));
    }
    var settings = setup.job().settings();
    var maven = new SetupMaven(inputs, settings.mavenCache(), settings.isolation().bubblewrap());
    var written = setup.run(maven.script(chosen), setup.with(maven.variables()), stop);
    if (!written.equals(Result.SUCCESS)) {
      return written;
    }
    additions.addVariables(maven.later());
    var base = "setup-java-" + setup.platform();
    return setup.cached(
        PackageManager.OF_JAVA, base, false, setup.finding(chosen.getLast().home() + "/bin"), stop);
  }

  private static List<SetupTool.Installed> installed() throws IOException {
    var homes = new LinkedHashSet<Path>();
    homes.add(Path.of(System.getProperty("java.home")));
    System.getenv()
        .forEach((name, value) -> {
          if (name.startsWith("JAVA_HOME") && value.startsWith("/")) {
            homes.add(Path.of(value));
          }
        });
    for (var folder : FOLDERS) {
      if (Files.isDirectory(folder)) {
        try (var inside = Files.list(folder)) {
          inside.sorted().forEach(homes::add);
        }
      }
    }
    var found = new ArrayList<SetupTool.Installed>();
    for (var home : homes) {
      if (Files.isExecutable(home.resolve("bin/javac")) && Files.exists(home.resolve("release"))) {
        var release = new Properties();
        try (var in = Files.newBufferedReader(home.resolve("release"))) {
          release.load(in);
        }
        var version = release.getProperty("JAVA_VERSION", "").replace("\"", "");
        found.add(new SetupTool.Installed(version, home, home.toRealPath().resolve("bin/javac")));
      }
    }
    return found;
  }
}
