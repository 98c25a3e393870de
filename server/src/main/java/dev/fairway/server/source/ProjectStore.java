package dev.fairway.server.source;

import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.mapper.reflect.ConstructorMapper;

/// The SQL of projects.
final class ProjectStore {
  private ProjectStore() {}

  /// False where the name is taken.
  static boolean insert(Handle tx, Project project) {
    return tx.createUpdate(
                """
                INSERT INTO project (id, name, description, default_branch, created_at, created_by)
                VALUES (:id, :name, :description, :defaultBranch, :createdAt, :createdBy)
                ON CONFLICT (name) DO NOTHING
                """)
            .bindMethods(project)
            .execute()
        == 1;
  }

  static Optional<Project> find(Handle tx, String name) {
    return tx.createQuery("SELECT * FROM project WHERE name = :name")
        .bind("name", name)
        .map(ConstructorMapper.of(Project.class))
        .findOne();
  }

  static Optional<Project> find(Handle tx, UUID id) {
    return tx.createQuery("SELECT * FROM project WHERE id = :id")
        .bind("id", id)
        .map(ConstructorMapper.of(Project.class))
        .findOne();
  }

  static List<Project> all(Handle tx) {
    return tx.createQuery("SELECT * FROM project ORDER BY name")
        .map(ConstructorMapper.of(Project.class))
        .list();
  }
}
