package io.sampo.cluster.forming;

import io.sampo.cluster.placement.ClusterPlan;
import io.sampo.cluster.placement.LogGroupPlan;
import io.sampo.cluster.protocol.ReplicaId;
import io.sampo.storage.log.CorruptLogException;
import io.sampo.storage.recovery.ReplacedFile;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The file {@code node} in the data directory: who the node is, and what it must not forget of its
 * cluster's founding, so also which cluster it belongs to. Replaced as a whole. One thread.
 */
public final class NodeFile implements Founding.Store {
  private static final String FILE_NAME = "node";
  private static final int MAGIC = 0x534D504E; // "SMPN"
  private static final int VERSION = 1;
  private static final SecureRandom RANDOM = new SecureRandom();

  private final ReplacedFile file;
  private final ReplicaId replica;
  private FoundingState state;

  /** How many log groups the plan had when it was founded. */
  private int founded;

  private NodeFile(ReplacedFile file, ReplicaId replica, FoundingState state, int founded) {
    this.file = file;
    this.replica = replica;
    this.state = state;
    this.founded = founded;
  }

  /**
   * Reads the file, or makes it for a node that starts for the first time.
   *
   * @param directory must exist
   * @param name what the node is to be called; empty: what it was called before, or a name drawn
   * @throws CorruptLogException when the file is damaged
   * @throws IOException also when the directory is of a node of another name
   */
  public static NodeFile open(Path directory, String name) throws IOException {
    ReplacedFile file = new ReplacedFile(directory.resolve(FILE_NAME), MAGIC, VERSION);
    ByteBuffer content = file.read();
    if (content == null) {
      String drawn = "node-" + HexFormat.of().toHexDigits(RANDOM.nextInt());
      ReplicaId replica = new ReplicaId(name.isEmpty() ? drawn : name, RANDOM.nextLong());
      NodeFile made = new NodeFile(file, replica, FoundingState.NEW, 0);
      made.write(FoundingState.NEW);
      return made;
    }
    NodeFile read = decode(file, content);
    if (!name.isEmpty() && !name.equals(read.replica.node())) {
      throw new IOException(
          "it belongs to the node %s, but sampo.node.name is %s"
              .formatted(read.replica.node(), name));
    }
    return read;
  }

  /** The node and its disk. */
  public ReplicaId replica() {
    return replica;
  }

  /** The plan of the node's cluster; null when it has none yet. */
  public @Nullable ClusterPlan plan() {
    return state.founded();
  }

  /**
   * How many log groups the node's cluster was founded with, the first ones of its plan. Only a
   * cluster of one node has more in its plan. 0 without a plan.
   */
  public int foundedLogGroups() {
    return founded;
  }

  /**
   * Founds a cluster of this node alone, or gives such a cluster more log groups. Durable when this
   * returns.
   *
   * @param logGroups how many there are to be at least
   */
  public ClusterPlan foundAlone(int logGroups) throws IOException {
    ClusterPlan plan = state.founded();
    if (plan == null) {
      plan = ClusterPlan.founding(drawClusterId(), List.of(replica), 1, logGroups);
    } else if (plan.logGroups().size() < logGroups) {
      List<LogGroupPlan> more = new ArrayList<>(plan.logGroups());
      while (more.size() < logGroups) {
        more.add(
            new LogGroupPlan(ClusterPlan.logGroupName(more.size()), List.of(replica), List.of()));
      }
      plan = new ClusterPlan(plan.clusterId(), more);
    } else {
      return plan;
    }
    write(new FoundingState(state.promised(), state.accepted(), plan));
    return plan;
  }

  /** Draws what no cluster was ever called. */
  static String drawClusterId() {
    byte[] bytes = new byte[16];
    RANDOM.nextBytes(bytes);
    return HexFormat.of().formatHex(bytes);
  }

  @Override
  public FoundingState state() {
    return state;
  }

  @Override
  public void write(FoundingState next) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    DataOutputStream out = new DataOutputStream(bytes);
    putReplica(out, replica);
    putBallot(out, next.promised());
    Proposal accepted = next.accepted();
    out.writeBoolean(accepted != null);
    if (accepted != null) {
      putBallot(out, accepted.ballot());
      putPlan(out, accepted.plan());
    }
    ClusterPlan plan = next.founded();
    int atFounding = plan == null ? 0 : founded == 0 ? plan.logGroups().size() : founded;
    out.writeBoolean(plan != null);
    if (plan != null) {
      putPlan(out, plan);
      out.writeInt(atFounding);
    }
    file.write(ByteBuffer.wrap(bytes.toByteArray()));
    state = next;
    founded = atFounding;
  }

  private static NodeFile decode(ReplacedFile file, ByteBuffer content) throws IOException {
    byte[] bytes = new byte[content.remaining()];
    content.get(bytes);
    DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes));
    ReplicaId replica = getReplica(in);
    Ballot promised = getBallot(in);
    Proposal accepted = in.readBoolean() ? new Proposal(getBallot(in), getPlan(in)) : null;
    ClusterPlan plan = in.readBoolean() ? getPlan(in) : null;
    int founded = plan == null ? 0 : plan.logGroups().size();
    if (plan != null && in.available() > 0) { // older versions didn't say
      founded = in.readInt();
    }
    return new NodeFile(file, replica, new FoundingState(promised, accepted, plan), founded);
  }

  private static void putReplica(DataOutputStream out, ReplicaId replica) throws IOException {
    out.writeUTF(replica.node());
    out.writeLong(replica.disk());
  }

  private static ReplicaId getReplica(DataInputStream in) throws IOException {
    return new ReplicaId(in.readUTF(), in.readLong());
  }

  private static void putBallot(DataOutputStream out, Ballot ballot) throws IOException {
    out.writeLong(ballot.round());
    out.writeUTF(ballot.node());
  }

  private static Ballot getBallot(DataInputStream in) throws IOException {
    return new Ballot(in.readLong(), in.readUTF());
  }

  private static void putPlan(DataOutputStream out, ClusterPlan plan) throws IOException {
    out.writeUTF(plan.clusterId());
    out.writeInt(plan.logGroups().size());
    for (LogGroupPlan logGroup : plan.logGroups()) {
      out.writeUTF(logGroup.name());
      putReplicas(out, logGroup.voters());
      putReplicas(out, logGroup.learners());
    }
  }

  private static ClusterPlan getPlan(DataInputStream in) throws IOException {
    String clusterId = in.readUTF();
    int count = in.readInt();
    List<LogGroupPlan> logGroups = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      logGroups.add(new LogGroupPlan(in.readUTF(), getReplicas(in), getReplicas(in)));
    }
    return new ClusterPlan(clusterId, logGroups);
  }

  private static void putReplicas(DataOutputStream out, List<ReplicaId> replicas)
      throws IOException {
    out.writeInt(replicas.size());
    for (ReplicaId replica : replicas) {
      putReplica(out, replica);
    }
  }

  private static List<ReplicaId> getReplicas(DataInputStream in) throws IOException {
    int count = in.readInt();
    List<ReplicaId> replicas = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      replicas.add(getReplica(in));
    }
    return replicas;
  }
}
