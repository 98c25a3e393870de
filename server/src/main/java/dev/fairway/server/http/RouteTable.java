package dev.fairway.server.http;

import java.util.ArrayList;
import java.util.List;

/// Every route of the server, each with the permission that it asks for beside it.
///
/// Paths are Javalin's: `{name}` is one segment, `<name>` any number of them. A change (anything
/// but GET and HEAD) by a browser's session must carry its CSRF value.
public final class RouteTable {
  /// The methods that routes answer to.
  public enum Method {
    GET,
    POST,
    PUT,
    PATCH,
    DELETE
  }

  /// One route.
  public record Route(Method method, String path, Permission permission, Handler handler) {}

  private final List<Route> routes = new ArrayList<>();

  public void get(String path, Permission permission, Handler handler) {
    routes.add(new Route(Method.GET, path, permission, handler));
  }

  public void post(String path, Permission permission, Handler handler) {
    routes.add(new Route(Method.POST, path, permission, handler));
  }

  public void put(String path, Permission permission, Handler handler) {
    routes.add(new Route(Method.PUT, path, permission, handler));
  }

  public void patch(String path, Permission permission, Handler handler) {
    routes.add(new Route(Method.PATCH, path, permission, handler));
  }

  public void delete(String path, Permission permission, Handler handler) {
    routes.add(new Route(Method.DELETE, path, permission, handler));
  }

  /// Everything that was registered, in order.
  public List<Route> all() {
    return List.copyOf(routes);
  }
}
