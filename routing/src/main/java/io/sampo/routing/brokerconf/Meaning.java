package io.sampo.routing.brokerconf;

import java.util.Locale;
import java.util.Map;
import java.util.function.UnaryOperator;

/**
 * What one of RocketMQ's properties means to Sampo.
 *
 * @param setting the setting that it becomes, or "" when there is none
 * @param note for people: what differs, or what replaces it
 * @param translator carries it out
 */
record Meaning(String setting, String note, Translator translator) {
  /** Turns one property into settings, warnings and problems. */
  interface Translator {
    void translate(GivenProperty given, Findings findings);
  }

  /** A whole number that stays as it is, or gets a unit. */
  static Meaning number(String setting, String unit, String note) {
    return converted(
        setting,
        "a whole number" + (unit.isEmpty() ? "" : " of " + unit),
        value -> Long.parseLong(value) + (unit.isEmpty() ? "" : " " + unit),
        note);
  }

  /** True or false, as both sides have it. */
  static Meaning flag(String setting, String note) {
    return converted(setting, "true or false", value -> Boolean.toString(truth(value)), note);
  }

  /** A text that the setting's own check judges. */
  static Meaning text(String setting, String note) {
    return converted(setting, "a text", UnaryOperator.identity(), note);
  }

  /** One of a few words; they may be written in small letters too. */
  static Meaning choice(String setting, Map<String, String> words, String note) {
    String allowed = String.join(" or ", words.keySet().stream().sorted().toList());
    return converted(
        setting,
        allowed,
        value -> {
          String word = words.get(value.toUpperCase(Locale.ROOT));
          if (word == null) {
            throw new IllegalArgumentException(value);
          }
          return word;
        },
        note);
  }

  /**
   * @param allowed what the value must be, in words
   * @param conversion throws IllegalArgumentException for a value that isn't allowed
   */
  static Meaning converted(
      String setting, String allowed, UnaryOperator<String> conversion, String note) {
    return new Meaning(
        setting,
        note,
        (given, findings) -> {
          try {
            findings.set(setting, conversion.apply(given.value()), given);
          } catch (IllegalArgumentException e) {
            findings.refuse(given, allowed);
          }
        });
  }

  /** Nothing here corresponds to it. */
  static Meaning none(String instead) {
    return new Meaning("", instead, (given, findings) -> findings.warn(given, instead));
  }

  /** Sampo always does what this value asks for; others get the warning. */
  static Meaning always(String value, String instead) {
    return new Meaning(
        "",
        "always " + value + ": " + instead,
        (given, findings) -> {
          if (!given.value().equalsIgnoreCase(value)) {
            findings.warn(given, instead);
          }
        });
  }

  static boolean truth(String value) {
    String word = value.toLowerCase(Locale.ROOT);
    if (!word.equals("true") && !word.equals("false")) {
      throw new IllegalArgumentException(value);
    }
    return word.equals("true");
  }
}
