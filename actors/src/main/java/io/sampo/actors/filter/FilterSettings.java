package io.sampo.actors.filter;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;

/**
 * The {@code sampo.filter} section.
 *
 * @param expressionLengthMax the longest expression, in characters
 * @param tagsMax the most tags of one expression
 * @param depthMax how deep an SQL92 expression may be nested, and how many operands one AND or OR
 *     may chain
 */
public record FilterSettings(int expressionLengthMax, int tagsMax, int depthMax) {
  private static final String PATH = "sampo.filter";

  public FilterSettings {
    requirePositive("expression-length-max", expressionLengthMax);
    requirePositive("tags-max", tagsMax);
    requirePositive("depth-max", depthMax);
  }

  /** Reads the section from a whole configuration. */
  public static FilterSettings from(Config config) {
    Config section = config.getConfig(PATH);
    return new FilterSettings(
        section.getInt("expression-length-max"),
        section.getInt("tags-max"),
        section.getInt("depth-max"));
  }

  private static void requirePositive(String name, int value) {
    if (value < 1) {
      throw new ConfigException.BadValue(PATH + "." + name, "must be positive, was " + value);
    }
  }
}
