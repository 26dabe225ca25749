package io.sampo.routing.brokerconf;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** The meanings that take more than a conversion. */
final class Special {
  private Special() {}

  /** There are no name servers, but clients go on asking their port. */
  static Meaning nameServers() {
    String note = "no name server runs or is asked: this node answers for it on its port";
    return new Meaning(
        "sampo.name-server.port",
        note,
        (given, findings) -> {
          Set<String> ports = new TreeSet<>();
          for (String address : given.value().split("[;,]", -1)) {
            if (!address.isBlank()) {
              ports.add(address.strip().replaceFirst(".*:", ""));
            }
          }
          if (ports.size() == 1 && isPort(ports.iterator().next())) {
            findings.set("sampo.name-server.port", ports.iterator().next(), given);
            findings.warn(given, note);
          } else {
            findings.warn(given, note + ", which sampo.name-server.port must say here");
          }
        });
  }

  private static boolean isPort(String text) {
    return text.matches("[0-9]{1,5}");
  }

  /** Where the messages go, unless a root directory says it. */
  static Meaning commitLogPath() {
    String note = "only when storePathRootDir isn't given: everything lies in one folder";
    return new Meaning(
        "sampo.data-dir",
        note,
        (given, findings) -> {
          String root = findings.value("storePathRootDir");
          if (root == null) {
            findings.set("sampo.data-dir", given.value(), given);
          } else if (!isBelow(given.value(), root)) {
            findings.warn(given, "messages are kept below storePathRootDir, in " + root);
          }
        });
  }

  /** Nothing to say of a file that lies where everything lies. */
  static Meaning pathBelowRoot(String instead) {
    return new Meaning(
        "",
        instead,
        (given, findings) -> {
          if (!isBelow(given.value(), findings.value("storePathRootDir"))) {
            findings.warn(given, instead);
          }
        });
  }

  private static boolean isBelow(String path, @Nullable String root) {
    try {
      return root != null && Path.of(path).normalize().startsWith(Path.of(root).normalize());
    } catch (InvalidPathException e) { // sampo.data-dir is checked where it is read
      return false;
    }
  }

  /** What must not be dropped silently: whoever switches it on relies on it. */
  static Meaning mustBeOff(String instead) {
    return new Meaning(
        "",
        instead,
        (given, findings) -> {
          if (!given.value().equalsIgnoreCase("false")) {
            findings.refuse(given, "false: " + instead);
          }
        });
  }
}
