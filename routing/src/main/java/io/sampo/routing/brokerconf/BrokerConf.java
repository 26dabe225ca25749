package io.sampo.routing.brokerconf;

import com.typesafe.config.ConfigFactory;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * A broker.conf of RocketMQ, read as settings of Sampo: what has a meaning here becomes a setting,
 * what has none is told with what replaces it, and nothing is passed over in silence that an
 * operator may rely on. Settings of Sampo may stand in the same file under their own names. Pure:
 * reads no file and no clock.
 */
public final class BrokerConf {
  private static final String OURS = "sampo.";
  private static final String PEKKOS = "pekko.";

  private BrokerConf() {}

  /**
   * Whether a file is one: by its name when that ends with ".properties", else when at least one of
   * RocketMQ's names is given a value in it.
   */
  public static boolean isOne(Path file, String text) {
    if (file.toString().endsWith(".properties")) {
      return true;
    }
    try {
      Set<String> names = names();
      return PropertyLines.read(text).stream()
          .anyMatch(property -> names.contains(property.name()));
    } catch (IllegalArgumentException e) { // an escape that no file of properties has
      return false;
    }
  }

  /**
   * @param file where the text is from, for what is told
   */
  public static Translation translate(Path file, String text) {
    Map<String, GivenProperty> given = new LinkedHashMap<>();
    List<GivenProperty> lines;
    try {
      lines = PropertyLines.read(text);
    } catch (IllegalArgumentException e) {
      return new Translation(
          ConfigFactory.empty(),
          List.of(),
          List.of("the settings file " + file + " can't be read: " + e.getMessage()));
    }
    lines.forEach(property -> given.put(property.name(), property));
    Findings findings = new Findings(file, given);
    for (GivenProperty property : lines) {
      if (!property.equals(given.get(property.name()))) {
        findings.warn(property, "is given again further down, which counts");
      } else if (!property.value().isEmpty()) {
        translate(property, findings);
      }
    }
    if (!findings.isSet("sampo.node.host")) {
      findings.warn(
          "brokerIP1 isn't given: only this machine can connect unless sampo.node.host says"
              + " otherwise");
    }
    return findings.translation();
  }

  private static void translate(GivenProperty property, Findings findings) {
    String name = property.name();
    Meaning meaning = PropertyTable.all().get(name);
    if (meaning != null) {
      meaning.translator().translate(property, findings);
    } else if (name.startsWith(OURS) || name.startsWith(PEKKOS)) {
      findings.set(name, property.value(), property);
    } else if (names().contains(name)) {
      findings.warn(property, Families.replacement(name));
    } else {
      findings.warn(property, "there is no such property" + Spelling.hint(name, names()));
    }
  }

  private static Set<String> names() {
    Set<String> names = new TreeSet<>(Families.names());
    names.addAll(PropertyTable.all().keySet());
    return names;
  }
}
