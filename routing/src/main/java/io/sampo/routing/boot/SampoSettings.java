package io.sampo.routing.boot;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import io.sampo.cluster.placement.NodeRole;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * What a node is told about itself: who it is, where its data lies and which ports it opens. Read
 * once at start, checked as a whole, immutable. What single parts of the node need to know is in
 * records of their own beside those parts.
 *
 * @param host the address that every port is bound to and that clients are told, never empty
 * @param dataDirectory absolute
 * @param clusterName what routes call the cluster; also the actor system's name
 * @param logGroups how many log groups begin on each founding node, 1 to 16
 * @param ports where the node listens
 * @param membership how the node gets into a cluster of several
 */
public record SampoSettings(
    String host,
    Path dataDirectory,
    String clusterName,
    int logGroups,
    Ports ports,
    MembershipSettings membership) {
  static final int LOG_GROUPS_MAX = 16;
  private static final int LOG_GROUP_PORT_STEP = 10;
  private static final String MANAGEMENT_READ_ONLY = "sampo.management.read-only";
  private static final Pattern CLUSTER_NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9_-]{0,63}");

  /**
   * Ports as they were asked for; 0 is any free one.
   *
   * @param broker of the first log group
   */
  public record Ports(int nameServer, int broker, int cluster, int replication, int management) {
    /** The port of a log group: ten apart, or any free one when the first takes any. */
    public int broker(int logGroup) {
      return broker == 0 ? 0 : broker + LOG_GROUP_PORT_STEP * logGroup;
    }
  }

  /**
   * Reads the {@code sampo} section.
   *
   * @param config resolved, with every default in it
   * @param root what a relative data directory counts from
   * @throws SettingsException naming every setting that is not allowed
   */
  public static SampoSettings from(Config config, Path root) {
    SettingsReader reader = new SettingsReader(config);
    String host = host(reader);
    Path dataDirectory = dataDirectory(reader, root);
    String clusterName =
        reader.text(
            "sampo.cluster.name",
            "1 to 64 letters, digits, \"-\" and \"_\", beginning with a letter or digit",
            CLUSTER_NAME.asMatchPredicate());
    int logGroups = reader.count("sampo.log-groups", 1, LOG_GROUPS_MAX);
    Ports ports =
        new Ports(
            reader.port("sampo.name-server.port"),
            reader.port("sampo.broker.port"),
            reader.port("sampo.cluster.port"),
            reader.port("sampo.replication.port"),
            reader.port("sampo.management.port"));
    MembershipSettings membership = MembershipSettings.from(reader);
    reader.flag(MANAGEMENT_READ_ONLY); // read where it is agreed with, checked with all others
    SampoSettings settings =
        new SampoSettings(host, dataDirectory, clusterName, logGroups, ports, membership);
    if (!reader.hasProblems()) {
      settings.refusePortsTakenTwice(reader);
    }
    reader.check();
    return settings;
  }

  /**
   * The configuration that everything in the node reads: the given one, with what follows from
   * these settings on top of it, so that no part of the node disagrees with another.
   */
  Config agreedWith(Config config) {
    return ConfigFactory.parseMap(
            Map.of(
                "sampo.data-dir", dataDirectory.toString(),
                "pekko.remote.artery.canonical.hostname", host,
                "pekko.remote.artery.canonical.port", ports.cluster(),
                "pekko.management.http.hostname", host,
                "pekko.management.http.port", ports.management(),
                "pekko.management.http.route-providers-read-only",
                    config.getBoolean(MANAGEMENT_READ_ONLY),
                "pekko.cluster.seed-nodes", List.of()),
            "sampo settings")
        .withFallback(config);
  }

  /** What {@link #agreedWith} made, for a node of this name. */
  Config of(Config agreed, String node) {
    List<String> roles =
        membership.learner()
            ? List.of(NodeRole.of(node))
            : List.of(NodeRole.of(node), NodeRole.VOTER);
    return ConfigFactory.parseMap(Map.of("pekko.cluster.roles", roles), "sampo settings")
        .withFallback(agreed);
  }

  /** The same node at these ports, as it got them: it must come back where it was. */
  SampoSettings at(NodeAddresses addresses) {
    return new SampoSettings(
        host,
        dataDirectory,
        clusterName,
        logGroups,
        new Ports(
            addresses.nameServerPort(),
            ports.broker(),
            addresses.cluster().port(),
            ports.replication(),
            addresses.managementPort()),
        membership);
  }

  /** How many log groups the node has a port for, if it founds the cluster. */
  private int logGroupsAtFounding() {
    return logGroups * Math.max(1, membership.initialNodes());
  }

  /** Every port with a number, by the setting that chose it. */
  Map<String, Integer> fixedPorts() {
    Map<String, Integer> fixed = new LinkedHashMap<>();
    fixed.put("sampo.name-server.port", ports.nameServer());
    fixed.put("sampo.broker.port", ports.broker());
    for (int i = 1; i < logGroupsAtFounding(); i++) {
      fixed.put("sampo.broker.port + " + LOG_GROUP_PORT_STEP * i, ports.broker(i));
    }
    fixed.put("sampo.cluster.port", ports.cluster());
    fixed.put("sampo.management.port", ports.management());
    if (!membership.isAlone()) {
      fixed.put("sampo.replication.port", ports.replication());
    }
    fixed.values().removeIf(port -> port == 0);
    return fixed;
  }

  private void refusePortsTakenTwice(SettingsReader reader) {
    Map<Integer, String> takenBy = new LinkedHashMap<>();
    Map<String, Integer> wanted = fixedPorts();
    if (ports.replication() != 0) {
      wanted.put("sampo.replication.port", ports.replication());
    }
    wanted.forEach(
        (setting, port) -> {
          String other = takenBy.putIfAbsent(port, setting);
          if (other != null) {
            reader.refuse(
                setting + " = " + port + ": must differ from " + other + ", which is the same");
          }
          if (port > 65535) {
            reader.refuse(setting + " = " + port + ": must be at most 65535");
          }
        });
  }

  private static String host(SettingsReader reader) {
    String allowed =
        "an IP address or a resolvable host name of this machine that clients can connect to";
    String host =
        reader.text("sampo.node.host", allowed, text -> !text.isEmpty() && text.indexOf(' ') < 0);
    if (!host.isEmpty()) {
      try {
        if (InetAddress.getByName(host).isAnyLocalAddress()) {
          reader.refuse("sampo.node.host", allowed + "; it is told to clients, so not a wildcard");
        }
      } catch (UnknownHostException e) {
        reader.refuse("sampo.node.host", allowed);
      }
    }
    return host;
  }

  private static Path dataDirectory(SettingsReader reader, Path root) {
    String text = reader.text("sampo.data-dir", "a directory", path -> !path.isEmpty());
    try {
      return root.resolve(text).toAbsolutePath().normalize();
    } catch (InvalidPathException e) {
      reader.refuse("sampo.data-dir", "a directory");
      return root;
    }
  }
}
