package io.sampo.cluster.replication;

import io.sampo.cluster.net.ConnectionRules;
import io.sampo.cluster.net.FrameConnection;
import io.sampo.cluster.protocol.ReplicaId;
import io.sampo.cluster.protocol.ReplicaMessage;
import io.sampo.cluster.protocol.ReplicaMessage.Fetch;
import io.sampo.cluster.protocol.ReplicaMessage.Fetched;
import io.sampo.cluster.protocol.ReplicaMessage.Held;
import io.sampo.cluster.replication.CommitLog.Command;
import io.sampo.cluster.replication.ReplicaQuestion.AskReach;
import io.sampo.cluster.replication.ReplicaQuestion.ReplicaReach;
import io.sampo.cluster.replication.ReplicationWire.Hello;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.ActorSystem;
import org.jspecify.annotations.Nullable;

/**
 * Takes a replica's messages to the others of its log group. What a follower asks for and what it
 * gets goes over a connection that the follower makes, so that many bytes never hold up a
 * heartbeat; all else are small messages from actor to actor. The commit log's thread only.
 *
 * <p>Whatever is lost is asked for again by the protocol, after a while; so that this while isn't
 * lost with a connection, the newest question is repeated on the next one.
 */
final class PeerLinks {
  /** Between two attempts to connect. */
  private static final long PAUSE_MS = 100;

  /** More than a follower says before the leader has to answer. */
  private static final int UNSENT_MAX = 32;

  private static final Duration NEVER = Duration.ofDays(1000);

  private final ActorSystem<?> system;
  private final ActorRef<Command> commitLog;
  private final String logGroup;
  private final Surroundings around;
  private final Map<ReplicaId, FrameConnection> followers = new HashMap<>();

  private @Nullable LeaderLink leader;
  private long connectedMs;
  private @Nullable Fetch unanswered;
  private long askedMs;
  private @Nullable Held held;

  PeerLinks(
      ActorSystem<?> system, ActorRef<Command> commitLog, String logGroup, Surroundings around) {
    this.system = system;
    this.commitLog = commitLog;
    this.logGroup = logGroup;
    this.around = around;
  }

  private ReplicaId self() {
    return around.plan().self();
  }

  /** Sends a message, if it is known where to; whoever sends one asks again. */
  void send(ReplicaId to, ReplicaMessage message, long nowMs) {
    if (message instanceof Fetch fetch) {
      if (!isLinkedTo(to)) {
        held = null;
      }
      unanswered = fetch;
      askedMs = nowMs;
      toLeader(to, ReplicationWire.encode(fetch), nowMs);
    } else if (message instanceof Held holds) {
      held = holds;
      toLeader(to, ReplicationWire.encode(holds), nowMs);
    } else if (message instanceof Fetched fetched) {
      toFollower(to, fetched);
    } else {
      ActorRef<Command> peer = around.peers().commitLog(to.node(), logGroup);
      if (peer != null) {
        peer.tell(new FromPeer(self(), to, message));
      }
    }
  }

  private boolean isLinkedTo(ReplicaId to) {
    return leader != null && leader.hello().leader().equals(to);
  }

  private void toLeader(ReplicaId to, ByteBuffer frame, long nowMs) {
    LeaderLink link = leader;
    if (link != null && isLinkedTo(to) && link.isOpen()) {
      link.send(frame);
    } else if (link == null || !isLinkedTo(to) || nowMs - connectedMs >= PAUSE_MS) {
      connect(to, nowMs);
    }
  }

  /** Connects and says what is to be said; nothing happens when it isn't known where to. */
  private void connect(ReplicaId to, long nowMs) {
    close();
    InetSocketAddress address = around.peers().replicationAddress(to.node());
    if (address == null) {
      return;
    }
    Hello hello = new Hello(around.peers().clusterId(), self(), to, logGroup);
    LeaderLink link =
        new LeaderLink(
            ReplicationNet.get(system),
            address,
            hello,
            rules(),
            fetched -> commitLog.tell(new FromPeer(to, self(), fetched)));
    leader = link;
    connectedMs = nowMs;
    if (unanswered != null) {
      link.send(ReplicationWire.encode(unanswered));
    }
    if (held != null) {
      link.send(ReplicationWire.encode(held));
    }
  }

  private ConnectionRules rules() {
    Duration silenceMax = around.settings().replication().silenceMax();
    return new ConnectionRules(
        ReplicationWire.leaderFrameBytesMax(around.settings().segments().bytes()),
        UNSENT_MAX,
        silenceMax,
        silenceMax,
        NEVER);
  }

  /** Notes whether the newest question was answered. */
  void received(ReplicaMessage message) {
    if (unanswered != null
        && message instanceof Fetched fetched
        && fetched.id() == unanswered.id()) {
      unanswered = null;
    }
  }

  /**
   * Connects again where a question was lost with its connection, and somebody still asks it; ends
   * a connection over which nobody asks any more, since this replica leads now or follows nobody.
   */
  void onTick(long nowMs) {
    if (nowMs - askedMs > around.settings().replication().silenceMax().toMillis()) {
      unanswered = null;
      close();
    }
    LeaderLink link = leader;
    if (link != null && !link.isOpen()) {
      if (unanswered == null) {
        leader = null;
      } else if (nowMs - connectedMs >= PAUSE_MS) {
        connect(link.hello().leader(), nowMs);
      }
    }
  }

  /** Finds out whether a node could be followed, and says so. */
  void reach(AskReach ask) {
    InetSocketAddress address = around.peers().replicationAddress(ask.node());
    if (address == null) {
      ask.replyTo().tell(new ReplicaReach(ask.node(), false));
      return;
    }
    ReplicationNet.get(system)
        .reach(address, reached -> ask.replyTo().tell(new ReplicaReach(ask.node(), reached)));
  }

  private void toFollower(ReplicaId to, Fetched fetched) {
    FrameConnection link = followers.get(to);
    if (link != null) {
      ReplicationWire.send(fetched, link);
    }
  }

  /** A follower's questions come over a connection from now on, and it waits for answers there. */
  void followerConnected(ReplicaId follower, FrameConnection answers) {
    followers.values().removeIf(link -> !link.isOpen());
    FrameConnection before = followers.put(follower, answers);
    if (before != null) {
      before.close();
    }
  }

  /** Closes the connection to the leader. */
  void close() {
    LeaderLink link = leader;
    leader = null;
    if (link != null) {
      link.close();
    }
  }

  void closeAll() {
    close();
    followers.values().forEach(FrameConnection::close);
    followers.clear();
  }
}
