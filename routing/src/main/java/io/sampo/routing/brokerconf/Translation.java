package io.sampo.routing.brokerconf;

import com.typesafe.config.Config;
import java.util.List;

/**
 * What a file comes to.
 *
 * @param settings under {@code sampo}, each with the file and line that it comes from
 * @param warnings one line for each property that has no meaning here, with what replaces it
 * @param problems one line for each value that can't be used; the node must not start with one
 */
public record Translation(Config settings, List<String> warnings, List<String> problems) {
  public Translation {
    warnings = List.copyOf(warnings);
    problems = List.copyOf(problems);
  }
}
