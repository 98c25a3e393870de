package dev.fairway.server.vault;

import dev.fairway.api.ErrorCode;
import dev.fairway.api.FairwayException;
import dev.fairway.server.db.Database;
import dev.fairway.server.http.Caller;
import dev.fairway.server.http.Permission;
import dev.fairway.server.source.Project;
import dev.fairway.server.source.Projects;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.jdbi.v3.core.Handle;

/// The scopes that there are, by the names that people use, and who may change them.
final class Scopes {
  private final Database database;
  private final Projects projects;
  private volatile Function<Handle, List<String>> environments = _ -> List.of();

  Scopes(Database database, Projects projects) {
    this.database = database;
    this.projects = projects;
  }

  void environments(Function<Handle, List<String>> names) {
    environments = names;
  }

  /// The scope of that project and environment; refused where one of them does not exist.
  Scope of(Optional<String> project, Optional<String> environment) {
    var known = project.map(projects::require).map(Project::id);
    environment.ifPresent(name -> {
      if (!database.read(environments).contains(name)) {
        throw new FairwayException(
            ErrorCode.NOT_FOUND,
            "There is no environment '" + name + "'",
            "List them with `fairway environments list`.");
      }
    });
    return new Scope(known, environment);
  }

  List<String> projects(Handle tx) {
    return projects.all(tx).stream().map(Project::name).toList();
  }

  List<String> environments(Handle tx) {
    return environments.apply(tx);
  }

  static boolean mayWrite(Caller caller, Scope scope) {
    return caller.may(Permission.SECRET_WRITE) && caller.may(needed(scope));
  }

  /// Who administers what the scope covers may set what its jobs are given.
  static void requireWrite(Caller caller, Scope scope) {
    if (!mayWrite(caller, scope)) {
      throw new FairwayException(
          ErrorCode.FORBIDDEN,
          caller.name()
              + " may not change what jobs are given there: the permission "
              + needed(scope).word()
              + " is missing",
          "Ask an administrator, or use a token with that scope.");
    }
  }

  /// What it takes beside [Permission#SECRET_WRITE].
  static Permission needed(Scope scope) {
    if (scope.environment().isPresent()) {
      return Permission.ENVIRONMENT_WRITE;
    }
    return scope.project().isPresent() ? Permission.PROJECT_WRITE : Permission.ORGANISATION_WRITE;
  }
}
