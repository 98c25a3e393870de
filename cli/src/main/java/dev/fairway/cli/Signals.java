package dev.fairway.cli;

import java.lang.reflect.Proxy;

/// Hears what the terminal tells this process. The JDK's one way to it, `sun.misc.Signal`, is
/// exported and stays so, but the compiler warns of it wherever it is named.
final class Signals {
  private Signals() {}

  /// From now on the signal runs `action`, on a thread of its own, instead of what it did before.
  ///
  /// @param name without `SIG`, such as `INT`
  /// @return whether that is possible here
  @SuppressWarnings("ReferenceEquality") // a proxy is equal to itself only
  static boolean handle(String name, Runnable action) {
    try {
      var signal = Class.forName("sun.misc.Signal");
      var handler = Class.forName("sun.misc.SignalHandler");
      var proxy =
          Proxy.newProxyInstance(
              Signals.class.getClassLoader(),
              new Class<?>[] {handler},
              (self, method, arguments) ->
                  switch (method.getName()) {
                    case "handle" -> {
                      action.run();
                      yield null;
                    }
                    case "equals" -> self == arguments[0];
                    case "hashCode" -> System.identityHashCode(self);
                    default -> "handler of SIG" + name;
                  });
      signal
          .getMethod("handle", signal, handler)
          .invoke(null, signal.getConstructor(String.class).newInstance(name), proxy);
      return true;
    } catch (ReflectiveOperationException | IllegalArgumentException e) {
      // A JVM without it, or one that was told to leave this signal alone (-Xrs).
      System.getLogger("run").log(System.Logger.Level.DEBUG, "SIG" + name + " is not heard", e);
      return false;
    }
  }
}
