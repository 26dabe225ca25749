package io.sampo.routing.brokerconf;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigOriginFactory;
import com.typesafe.config.ConfigValueFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Collects what the properties of one file come to. Used by one thread for one file. */
final class Findings {
  private final Path file;
  private final Map<String, GivenProperty> given;
  private final List<String> warnings = new ArrayList<>();
  private final List<String> problems = new ArrayList<>();
  private Config settings = ConfigFactory.empty();

  /**
   * @param given everything in the file, by name
   */
  Findings(Path file, Map<String, GivenProperty> given) {
    this.file = file;
    this.given = given;
  }

  /** The value of another property; null when the file doesn't give it. */
  @Nullable String value(String name) {
    GivenProperty other = given.get(name);
    return other == null ? null : other.value();
  }

  /** A setting of Sampo follows from a property, unless the file has it under its own name. */
  void set(String path, Object value, GivenProperty from) {
    if (given.containsKey(path) && !path.equals(from.name())) {
      return;
    }
    settings =
        settings.withValue(
            path,
            ConfigValueFactory.fromAnyRef(value)
                .withOrigin(
                    ConfigOriginFactory.newFile(file.toString()).withLineNumber(from.line())));
  }

  boolean isSet(String path) {
    return settings.hasPath(path);
  }

  /** A property means nothing here; {@code instead} says what does. */
  void warn(GivenProperty property, String instead) {
    warnings.add(text(property) + ": " + instead + where(property));
  }

  /** Something is worth knowing about the whole file. */
  void warn(String what) {
    warnings.add(what + " (" + file + ")");
  }

  /** A property has a value that can't be used. */
  void refuse(GivenProperty property, String allowed) {
    problems.add(text(property) + ": must be " + allowed + where(property));
  }

  Translation translation() {
    return new Translation(settings, warnings, problems);
  }

  private static String text(GivenProperty property) {
    return property.name() + " = " + property.value();
  }

  private String where(GivenProperty property) {
    return " (" + file + ", line " + property.line() + ")";
  }
}
