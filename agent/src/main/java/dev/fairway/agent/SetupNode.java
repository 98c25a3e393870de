package dev.fairway.agent;

import dev.fairway.workflow.BuiltinAction;
import java.io.IOException;
import java.util.List;

/// `actions/setup-node`.
record SetupNode(Setup setup) implements Action {
  @Override
  public Result run(Stop stop) throws IOException, InterruptedException {
    setup.inputs().only(BuiltinAction.SETUP_NODE);
    var job = setup.job();
    var tool = new SetupTool(SetupTool.Kind.NODE, setup);
    var here =
        job.settings().node().all().stream()
            .map(one -> new SetupTool.Installed(one.version(), one.program(), one.program()))
            .toList();
    var node = tool.choose(tool.wanted().getFirst(), here);
    var folder = String.valueOf(node.program().getParent());
    job.additions().addPaths(List.of(folder));
    setup.scene().outputs().put("node-version", node.version());
    setup.say("Node.js " + node.version() + " at " + node.program());
    var registry = new SetupNpm(setup.inputs());
    if (registry.asked()) {
      var written = setup.run(registry.script(), setup.scene().variables(), stop);
      if (!written.equals(Result.SUCCESS)) {
        return written;
      }
      job.additions().addVariables(registry.variables(setup.scene().variables()));
    }
    var base = "node-cache-" + setup.platform();
    return setup.cached(PackageManager.OF_NODE, base, false, setup.finding(folder), stop);
  }
}
