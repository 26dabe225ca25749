package io.sampo.multijvm.harness;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.sampo.multijvm.raw.RawConnection;
import io.sampo.multijvm.raw.RawResponse;
import io.sampo.multijvm.raw.Requests;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Several node processes that form one cluster, each with a log group of which it is the first
 * replica. Nodes are named by their index; the names of their log groups are the same in every run.
 */
public final class TestCluster implements AutoCloseable {
  private static final Duration LEADER_LIMIT = Duration.ofSeconds(60);
  private static final ObjectMapper JSON = new ObjectMapper();

  private final List<NodeProcess> nodes = new ArrayList<>();

  private TestCluster() {}

  /** A cluster on loopback, ready. */
  public static TestCluster start(String name, int size, NodeOptions options) {
    return start(name, Collections.nCopies(size, NodePlace.LOOPBACK), options);
  }

  /** A cluster with one node at each of these places, ready. */
  public static TestCluster start(String name, List<NodePlace> places, NodeOptions options) {
    TestCluster cluster = new TestCluster();
    cluster.prepare(name, places, options);
    return cluster.started();
  }

  private TestCluster started() {
    try {
      nodes.forEach(NodeProcess::launch);
      nodes.forEach(NodeProcess::awaitReady);
      return this;
    } catch (RuntimeException | Error e) {
      close();
      throw e;
    }
  }

  /**
   * A cluster on loopback of nodes that are each started with a file, ready. Ports and directories
   * are the test's, everything else is the files'.
   */
  public static TestCluster startWithFiles(String name, List<Path> files) {
    TestCluster cluster = new TestCluster();
    for (int i = 0; i < files.size(); i++) {
      cluster.nodes.add(
          NodeProcess.prepare(
              name + "-" + i, NodeOptions.of(files.get(i)).withLogGroups(files.size())));
    }
    if (files.size() > 1) {
      cluster.tellSeeds();
    }
    return cluster.started();
  }

  private void prepare(String name, List<NodePlace> places, NodeOptions options) {
    for (int i = 0; i < places.size(); i++) {
      nodes.add(
          NodeProcess.prepare(
              name + "-" + i,
              options
                  .at(places.get(i))
                  .withLogGroups(Math.max(options.logGroups(), places.size()))
                  .with("sampo.node.name", "node-" + i)
                  .with("sampo.cluster.initial-nodes", Integer.toString(places.size()))));
    }
    tellSeeds();
  }

  /** One more node, which joins the others; ready. They must have room for its log group's port. */
  public NodeProcess join(String name, NodeOptions options) {
    NodeProcess node =
        NodeProcess.prepare(
            name + "-" + nodes.size(), options.with("sampo.node.name", "node-" + nodes.size()));
    node.configure("sampo.cluster.seeds", seeds());
    nodes.add(node);
    node.launch();
    node.awaitReady();
    return node;
  }

  /**
   * Starts a node that is not running somewhere else, with its data, its ports and the seeds as
   * they are then; ready. The others hear of its new address from itself.
   */
  public void move(int index, NodePlace place) {
    NodeProcess node = nodes.get(index);
    node.moveTo(place);
    node.configure("sampo.cluster.seeds", seeds());
    node.start();
  }

  /** Has all nodes know at their next start where they are now. */
  public void tellSeeds() {
    String seeds = seeds();
    nodes.forEach(node -> node.configure("sampo.cluster.seeds", seeds));
  }

  private String seeds() {
    return nodes.stream()
        .map(node -> node.host() + ":" + node.ports().get("sampo.cluster.port"))
        .collect(Collectors.joining(","));
  }

  /** The node of this index. */
  public NodeProcess node(int index) {
    return nodes.get(index);
  }

  public List<NodeProcess> nodes() {
    return List.copyOf(nodes);
  }

  /** What a client sets that knows all nodes. */
  public String nameServers() {
    return nodes.stream().map(NodeProcess::nameServer).collect(Collectors.joining(";"));
  }

  /**
   * How many members of the cluster are up and reachable, by a node's own account; 0 when it gives
   * none, as while it starts its part in the cluster again.
   */
  public int membersUp(int asked) {
    try {
      JsonNode said = Management.get(nodes.get(asked), "/cluster/members");
      int up = 0;
      for (JsonNode member : said.path("members")) {
        up += member.path("status").asText().equals("Up") ? 1 : 0;
      }
      return up - said.path("unreachable").size();
    } catch (IOException e) {
      return 0;
    }
  }

  /**
   * The index of the node that leads a log group by a node's own account, if it knows one.
   *
   * @param topic a topic with queues in that log group
   * @param asked the index of a node that lives
   */
  public OptionalInt leader(String topic, int logGroup, int asked) {
    try (RawConnection connection = openNameServer(asked)) {
      RawResponse answer = connection.call(Requests.GET_ROUTE, Map.of("topic", topic));
      if (answer.code() != Requests.SUCCESS) {
        return OptionalInt.empty();
      }
      for (JsonNode broker : JSON.readTree(answer.body()).path("brokerDatas")) {
        if (broker.path("brokerName").asText().equals("broker-" + logGroup)) {
          return nodeAt(broker.path("brokerAddrs").path("0").asText());
        }
      }
      return OptionalInt.empty();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private RawConnection openNameServer(int index) {
    NodeProcess node = nodes.get(index);
    return RawConnection.open(node.host(), node.nameServerPort());
  }

  /** Every node has a row of ports of its own, one for each log group. */
  private OptionalInt nodeAt(String address) {
    for (int i = 0; i < nodes.size(); i++) {
      if (nodes.get(i).brokerAddresses().contains(address)) {
        return OptionalInt.of(i);
      }
    }
    return OptionalInt.empty();
  }

  /**
   * Waits until every log group has all of its voters where they should be, each with all there is
   * but for what is on its way, and nobody who still learns.
   *
   * @param asked the index of a node that lives
   * @param gone the numbers of disks that none of them may have
   */
  public void awaitReplicas(int asked, long onItsWayBytes, Set<Long> gone) {
    awaitLogGroups(
        "all replicas",
        asked,
        groups -> {
          boolean complete = groups.size() == nodes.size();
          for (JsonNode group : groups) {
            complete &= !group.path("leader").isNull();
            complete &= group.path("replicas").size() == group.path("wanted").size();
            for (JsonNode replica : group.path("replicas")) {
              complete &= !replica.path("role").asText().equals("learner");
              complete &= !gone.contains(replica.path("disk").asLong());
              complete &= replica.path("lag").asLong(Long.MAX_VALUE) <= onItsWayBytes;
            }
          }
          return complete;
        });
  }

  /** Waits until the log groups are so, by the account of a node that lives. */
  public void awaitLogGroups(String what, int asked, Predicate<JsonNode> condition) {
    Await.until(
        () -> what + "; there are " + logGroups(asked) + "\n" + outputTails(),
        LEADER_LIMIT,
        () -> condition.test(logGroups(asked)));
  }

  /** How many bytes the logs of all log groups have, by a node's account. */
  public long logBytes(int asked) {
    long bytes = 0;
    for (JsonNode group : logGroups(asked)) {
      bytes += group.path("end").asLong() - group.path("start").asLong();
    }
    return bytes;
  }

  /** The numbers of the disks that a node has replicas on, by the account of another. */
  public Set<Long> disksOf(int index, int asked) {
    Set<Long> disks = new HashSet<>();
    for (JsonNode group : logGroups(asked)) {
      for (JsonNode replica : group.path("replicas")) {
        if (replica.path("node").asText().equals("node-" + index)) {
          disks.add(replica.path("disk").asLong());
        }
      }
    }
    return disks;
  }

  /** What a node says of the log groups and their replicas; nothing when it doesn't answer. */
  public JsonNode logGroups(int asked) {
    try {
      return Management.get(nodes.get(asked), "/sampo/log-groups");
    } catch (IOException e) {
      return JSON.createArrayNode();
    }
  }

  /** Waits until a node names a leader of the log group, other than the one given (-1 for any). */
  public int awaitLeader(String topic, int logGroup, int asked, int notThis) {
    int[] found = {-1};
    Await.until(
        () -> "a leader of broker-" + logGroup + "; " + nodes.get(asked).outputTail(),
        LEADER_LIMIT,
        () -> {
          OptionalInt leader = leader(topic, logGroup, asked);
          found[0] = leader.orElse(-1);
          return leader.isPresent() && leader.getAsInt() != notThis;
        });
    return found[0];
  }

  /** Waits until a node leads a log group by its own account. */
  public void awaitLeaderIs(int index, int logGroup) {
    Await.until(
        () -> "node " + index + " leads broker-" + logGroup + "; " + outputTails(),
        LEADER_LIMIT,
        () -> {
          for (JsonNode group : logGroups(index)) {
            if (group.path("logGroup").asText().equals("broker-" + logGroup)) {
              return group.path("leader").asText().equals("node-" + index);
            }
          }
          return false;
        });
  }

  /**
   * Kills all nodes that live and says where their copies of the log groups differ, which each of
   * them must have one of.
   */
  public List<String> killAndCompareCopies() {
    return killAndCompareCopies(nodes.size(), IntStream.range(0, nodes.size()).toArray());
  }

  /**
   * The same for so many log groups and these nodes only, the first of which is compared with each
   * of the others.
   */
  public List<String> killAndCompareCopies(int logGroups, int... holders) {
    nodes.stream().filter(NodeProcess::isAlive).forEach(NodeProcess::kill);
    int first = holders[0];
    List<String> found = new ArrayList<>();
    for (int logGroup = 0; logGroup < logGroups; logGroup++) {
      String name = "broker-" + logGroup;
      for (int other : Arrays.copyOfRange(holders, 1, holders.length)) {
        SegmentFiles.Comparison comparison =
            SegmentFiles.compare(nodes.get(first), nodes.get(other), name);
        String what = name + " on nodes " + first + " and " + other + ": ";
        comparison.differences().forEach(difference -> found.add(what + difference));
        if (comparison.frames() == 0) {
          found.add(what + "nothing in common");
        }
      }
    }
    return found;
  }

  /** How the output of every node ends, for a failure's message. */
  public String outputTails() {
    return nodes.stream().map(NodeProcess::outputTail).collect(Collectors.joining("\n"));
  }

  @Override
  public void close() {
    nodes.forEach(NodeProcess::close);
  }
}
