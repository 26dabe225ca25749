package io.sampo.routing.boot;

import java.util.List;

/**
 * The settings can't be used. Holds every problem that was found, not only the first one, so that
 * an operator corrects a file once. The message is meant for people and is all that they are shown.
 */
public final class SettingsException extends RuntimeException {
  private final transient List<String> problems;

  public SettingsException(List<String> problems) {
    super(String.join(System.lineSeparator(), problems));
    this.problems = List.copyOf(problems);
  }

  /** One line per problem: the setting, its value, what is allowed and where it was set. */
  public List<String> problems() {
    return problems;
  }
}
