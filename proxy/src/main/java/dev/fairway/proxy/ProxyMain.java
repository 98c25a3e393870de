package dev.fairway.proxy;

import dev.fairway.api.ErrorCode;
import dev.fairway.api.FairwayException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;

/// The proxy as a process: `--data DIR [--bind ADDRESS] [--port N] [--admin-port N]`.
///
/// Exit codes: 2 for wrong options, a taken port or folder; 3 for our own errors. SIGTERM lets
/// requests under way finish.
public final class ProxyMain {
  static final String USAGE =
      "usage: fairway-proxy --data DIR [--bind ADDRESS] [--port N] [--admin-port N]";

  private ProxyMain() {}

  public static void main(String[] arguments) throws InterruptedException {
    try {
      var proxy = Proxy.start(options(List.of(arguments)), InstantSource.system());
      Runtime.getRuntime().addShutdownHook(Thread.ofPlatform().unstarted(proxy::close));
      var address = proxy.address();
      System.out.printf(
          "fairway proxy: traffic on port %d, admin on port %d, %d routes%n",
          address.trafficPort(), address.adminPort(), address.routes());
      new CountDownLatch(1).await();
    } catch (FairwayException e) {
      System.err.println("fairway proxy: " + e.getMessage() + ". " + e.next());
      System.exit(e.code() == ErrorCode.INTERNAL ? 3 : 2);
    } catch (IOException e) {
      System.err.println("fairway proxy: " + e.getMessage());
      System.exit(3);
    }
  }

  static ProxyOptions options(List<String> arguments) {
    @Nullable Path folder = null;
    var address = InetAddress.getLoopbackAddress();
    var port = ProxyOptions.DEFAULT_PORT;
    var adminPort = 0;
    for (var i = 0; i < arguments.size(); i += 2) {
      var option = arguments.get(i);
      if (i + 1 == arguments.size()) {
        throw wrong("option " + option + " wants a value");
      }
      var value = arguments.get(i + 1);
      switch (option) {
        case "--data" -> folder = Path.of(value).toAbsolutePath();
        case "--bind" -> address = address(value);
        case "--port" -> port = port(option, value);
        case "--admin-port" -> adminPort = port(option, value);
        default -> throw wrong("unknown option " + option);
      }
    }
    if (folder == null) {
      throw wrong("option --data is missing");
    }
    return new ProxyOptions(folder, address, port, adminPort);
  }

  private static InetAddress address(String text) {
    try {
      return InetAddress.getByName(text);
    } catch (UnknownHostException e) {
      throw wrong("--bind wants an address of this machine, not '" + text + "'");
    }
  }

  private static int port(String option, String text) {
    if (!text.matches("[0-9]{1,5}") || Integer.parseInt(text) > 65_535) {
      throw wrong(option + " wants a port from 0 to 65535, not '" + text + "'");
    }
    return Integer.parseInt(text);
  }

  private static FairwayException wrong(String message) {
    return new FairwayException(ErrorCode.INVALID_INPUT, message, USAGE);
  }
}
