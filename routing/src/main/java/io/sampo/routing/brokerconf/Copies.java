package io.sampo.routing.brokerconf;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What the properties about masters, slaves and DLedger's peers come to: how many copies there are,
 * which of them a send waits for, and who the nodes are. Several of them decide one setting
 * together, and each that is given says the same then.
 */
final class Copies {
  private static final String ACKNOWLEDGE = "sampo.replication.acknowledge";
  private static final String REPLICAS = "sampo.cluster.replicas";
  private static final int REPLICAS_DEFAULT = 3;
  private static final int REPLICAS_MAX = 5;
  private static final Pattern PEER =
      Pattern.compile("(?<id>[^-]+)-(?<host>[^:]+):(?<port>[0-9]{1,5})");

  private Copies() {}

  static void put(Map<String, Meaning> rows) {
    rows.put("brokerRole", role());
    rows.put("allAckInSyncStateSet", allAck());
    rows.put("inSyncReplicas", inSyncReplicas());
    rows.put(
        "totalReplicas", Meaning.number(REPLICAS, "", "the leader's is one of them, as there"));
    rows.put(
        "minInSyncReplicas",
        Meaning.none("a send always needs more than half of the copies, and fails without them"));
    rows.put(
        "enableAutoInSyncReplicas",
        Meaning.none(
            "with sampo.replication.acknowledge = all a send that a copy is missing for is answered"
                + " with SLAVE_NOT_AVAILABLE"));
    rows.put(
        "asyncLearner",
        Meaning.flag(
            "sampo.node.learner",
            "of this node for all log groups: it has copies, counts for nothing and is never"
                + " elected"));
    rows.put("slaveReadEnable", Meaning.none("what reaches a follower is passed on to the leader"));
    rows.put("enableDLegerCommitLog", enableDLedger());
    rows.put("dLegerPeers", peers());
    rows.put("dLegerSelfId", selfId());
    String elected = "log groups elect their leaders themselves";
    rows.put("dLegerGroup", Meaning.none("log groups have names of their own"));
    rows.put("preferredLeaderId", Meaning.none(elected + " and spread them over the nodes"));
    for (String name :
        new String[] {
          "enableControllerMode", "controllerAddr", "enableSlaveActingMaster", "haMasterAddress"
        }) {
      rows.put(name, Meaning.none(elected + ": no controller, no masters and slaves"));
    }
  }

  private static Meaning role() {
    return new Meaning(
        ACKNOWLEDGE,
        "ASYNC_MASTER: leader. SYNC_MASTER: all. Without it quorum, which a node that dies neither"
            + " loses messages of nor holds up. SLAVE: no node is a slave by configuration; start"
            + " it as another node with the same seeds",
        (given, findings) -> {
          switch (given.value().toUpperCase(Locale.ROOT)) {
            case "ASYNC_MASTER", "SYNC_MASTER" -> setAcknowledge(given, findings);
            case "SLAVE" ->
                findings.warn(
                    given,
                    "no node is a slave: with the same sampo.cluster.seeds it is one of several that"
                        + " lead some log groups and copy others");
            default -> findings.refuse(given, "ASYNC_MASTER, SYNC_MASTER or SLAVE");
          }
        });
  }

  private static Meaning allAck() {
    return new Meaning(
        ACKNOWLEDGE,
        "true: all, whatever brokerRole says",
        (given, findings) -> {
          try {
            Meaning.truth(given.value());
          } catch (IllegalArgumentException e) {
            findings.refuse(given, "true or false");
            return;
          }
          setAcknowledge(given, findings);
        });
  }

  private static Meaning inSyncReplicas() {
    return new Meaning(
        ACKNOWLEDGE,
        "with SYNC_MASTER: quorum when that is enough for so many, else all",
        (given, findings) -> {
          if (number(given.value()) == 0) {
            findings.refuse(given, "a whole number, at least 1");
          } else if (isRole("ASYNC_MASTER", findings) && !isElected(findings)) {
            findings.warn(given, "an ASYNC_MASTER waits for nobody");
          } else {
            setAcknowledge(given, findings);
          }
        });
  }

  private static Meaning enableDLedger() {
    return new Meaning(
        ACKNOWLEDGE,
        "true: quorum. dLegerPeers and dLegerSelfId count only then",
        (given, findings) -> {
          try {
            if (Meaning.truth(given.value())) {
              setAcknowledge(given, findings);
            }
          } catch (IllegalArgumentException e) {
            findings.refuse(given, "true or false");
          }
        });
  }

  /** All three decide together, so each of them sets the same. */
  private static void setAcknowledge(GivenProperty given, Findings findings) {
    String rule = acknowledge(findings);
    if (rule != null) {
      findings.set(ACKNOWLEDGE, rule, given);
    }
  }

  private static @Nullable String acknowledge(Findings findings) {
    if ("true".equalsIgnoreCase(findings.value("allAckInSyncStateSet"))) {
      return "all";
    }
    String inSync = findings.value("inSyncReplicas");
    boolean isSync = isRole("SYNC_MASTER", findings);
    if (isElected(findings) || isSync) {
      boolean isQuorumEnough =
          inSync == null ? isElected(findings) : number(inSync) <= copies(findings) / 2 + 1;
      return isQuorumEnough ? "quorum" : "all";
    }
    return isRole("ASYNC_MASTER", findings) ? "leader" : null;
  }

  private static boolean isRole(String role, Findings findings) {
    return role.equalsIgnoreCase(findings.value("brokerRole"));
  }

  /** Whether the role that a file states is not the one that counts. */
  private static boolean isElected(Findings findings) {
    return isDLedger(findings) || "true".equalsIgnoreCase(findings.value("enableControllerMode"));
  }

  private static boolean isDLedger(Findings findings) {
    return "true".equalsIgnoreCase(findings.value("enableDLegerCommitLog"));
  }

  private static int copies(Findings findings) {
    String total = findings.value("totalReplicas");
    String peers = findings.value("dLegerPeers");
    if (total != null && number(total) > 0) {
      return number(total);
    }
    return peers != null && isDLedger(findings) ? peersOf(peers).size() : REPLICAS_DEFAULT;
  }

  /** 0 for what is no number from 1 on. */
  private static int number(String text) {
    return text.matches("[0-9]{1,6}") ? Integer.parseInt(text) : 0;
  }

  private static Meaning peers() {
    return new Meaning(
        "sampo.cluster.seeds",
        "with enableDLegerCommitLog: their hosts and ports; as many nodes found the cluster"
            + " (sampo.cluster.initial-nodes) and keep copies (sampo.cluster.replicas)",
        (given, findings) -> {
          if (!isDLedger(findings)) {
            findings.warn(given, "means something with enableDLegerCommitLog=true only");
            return;
          }
          List<Matcher> peers = peersOf(given.value());
          if (peers.isEmpty()) {
            findings.refuse(given, "id-host:port;id-host:port;…");
            return;
          }
          List<String> seeds = new ArrayList<>();
          peers.forEach(peer -> seeds.add(peer.group("host") + ":" + peer.group("port")));
          int copies = Math.min(peers.size(), REPLICAS_MAX);
          findings.set("sampo.cluster.seeds", String.join(",", seeds), given);
          findings.set("sampo.cluster.initial-nodes", Integer.toString(peers.size()), given);
          findings.set(REPLICAS, Integer.toString(copies), given);
        });
  }

  private static Meaning selfId() {
    return new Meaning(
        "sampo.node.name",
        "with enableDLegerCommitLog; its peer's address becomes sampo.node.host, unless brokerIP1 is"
            + " given, and sampo.cluster.port",
        (given, findings) -> {
          if (!isDLedger(findings)) {
            findings.warn(given, "means something with enableDLegerCommitLog=true only");
            return;
          }
          String peers = findings.value("dLegerPeers");
          for (Matcher peer : peersOf(peers == null ? "" : peers)) {
            if (peer.group("id").equals(given.value())) {
              findings.set("sampo.node.name", given.value(), given);
              findings.set("sampo.cluster.port", peer.group("port"), given);
              if (findings.value("brokerIP1") == null) {
                findings.set("sampo.node.host", peer.group("host"), given);
              }
              return;
            }
          }
          findings.refuse(given, "the id of one of dLegerPeers");
        });
  }

  /** Empty when one of them is none. */
  private static List<Matcher> peersOf(String text) {
    List<Matcher> peers = new ArrayList<>();
    for (String each : text.split(";", -1)) {
      Matcher peer = PEER.matcher(each.strip());
      if (peer.matches()) {
        peers.add(peer);
      } else if (!each.isBlank()) {
        return List.of();
      }
    }
    return peers;
  }
}
