package io.sampo.cluster.replication;

import io.sampo.cluster.net.BrokenFrameException;
import io.sampo.cluster.net.ConnectionRules;
import io.sampo.cluster.net.FrameConnection;
import io.sampo.cluster.net.FrameHandler;
import io.sampo.cluster.net.FrameListener;
import io.sampo.cluster.replication.CommitLog.FollowerConnected;
import io.sampo.cluster.replication.ReplicationWire.Hello;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.CompletionStage;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.ActorSystem;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes the connections of followers: each says first who it is and whom it means, and is then
 * handed to the commit log of its log group. Who only asks whether somebody is here is told so.
 * Whoever belongs to another cluster, means another replica or says anything else is disconnected,
 * and nobody else notices. Closed with the node.
 */
public final class ReplicationPort {
  private static final Logger LOG = LoggerFactory.getLogger(ReplicationPort.class);

  /** More answers than a follower ever waits for; one more is dropped, and asked for again. */
  private static final int UNSENT_MAX = 4;

  private static final Duration HELLO_TIMEOUT = Duration.ofSeconds(5);

  private final InetSocketAddress address;

  private ReplicationPort(InetSocketAddress address) {
    this.address = address;
  }

  /**
   * Binds the port.
   *
   * @param clusterId what a follower must name
   * @param address port 0 takes a free one
   * @return fails when the port is taken
   */
  public static CompletionStage<ReplicationPort> bind(
      ActorSystem<?> system,
      String clusterId,
      InetSocketAddress address,
      ReplicationSettings settings) {
    ConnectionRules rules =
        new ConnectionRules(
            ReplicationWire.FOLLOWER_FRAME_BYTES_MAX,
            UNSENT_MAX,
            HELLO_TIMEOUT,
            settings.silenceMax().multipliedBy(2),
            settings.aliveEvery());
    Door door = new Door(LocalLogs.get(system), clusterId, settings.connectionsMax());
    return ReplicationNet.get(system)
        .loop()
        .listen(address, rules, door)
        .thenApply(ReplicationPort::new);
  }

  public InetSocketAddress address() {
    return address;
  }

  /** Lets followers in. The connections' thread only. */
  private static final class Door implements FrameListener.Acceptor {
    private final LocalLogs logs;
    private final String clusterId;
    private final int connectionsMax;
    private int connections;
    private String lastSaid = "";

    Door(LocalLogs logs, String clusterId, int connectionsMax) {
      this.logs = logs;
      this.clusterId = clusterId;
      this.connectionsMax = connectionsMax;
    }

    @Override
    public @Nullable FrameHandler accept(InetSocketAddress remote) {
      if (connections >= connectionsMax) {
        say(remote.getAddress() + " is one follower too many");
        return null;
      }
      connections++;
      return new Session(this, remote);
    }

    void left(InetSocketAddress remote, @Nullable Throwable cause) {
      connections--;
      if (cause instanceof NotOpenYetException) {
        LOG.debug("{} comes too early", remote, cause);
      } else if (cause != null) {
        say(remote.getAddress() + " was disconnected: " + cause);
      }
    }

    /** Whoever is refused may come again at once, and would fill the log with it. */
    private void say(String line) {
      if (!line.equals(lastSaid)) {
        lastSaid = line;
        LOG.info("{}", line);
      }
    }

    Greeted greet(Hello hello, FrameConnection answers) {
      if (!hello.clusterId().equals(clusterId)) {
        throw new BrokenFrameException(hello + " is of another cluster");
      }
      LocalLog log = logs.find(hello.logGroup());
      if (log == null) {
        throw new NotOpenYetException(hello + " means a log that isn't open here");
      }
      log.commitLog().tell(new FollowerConnected(hello.follower(), hello.leader(), answers));
      return new Greeted(hello, log.commitLog());
    }
  }

  /** Nothing is wrong with who connects: the log is opened soon, or goes elsewhere. */
  private static final class NotOpenYetException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    NotOpenYetException(String message) {
      super(message);
    }
  }

  private record Greeted(Hello hello, ActorRef<CommitLog.Command> commitLog) {}

  /** What a connection is. */
  private static final class Session implements FrameHandler {
    private final Door door;
    private final InetSocketAddress remote;
    private @Nullable Greeted greeted;

    Session(Door door, InetSocketAddress remote) {
      this.door = door;
      this.remote = remote;
    }

    @Override
    public void onFrame(FrameConnection connection, ByteBuffer frame) {
      Greeted known = greeted;
      if (known == null && ReplicationWire.isAlive(frame)) {
        connection.send(ReplicationWire.alive()); // somebody wants to know whether we are
      } else if (known == null) {
        greeted = door.greet(ReplicationWire.decodeHello(frame), connection);
      } else {
        Hello hello = known.hello();
        known
            .commitLog()
            .tell(
                new FromPeer(
                    hello.follower(), hello.leader(), ReplicationWire.decodeFromFollower(frame)));
      }
    }

    @Override
    public void onQuiet(FrameConnection connection) {
      connection.send(ReplicationWire.alive());
    }

    @Override
    public void onClosed(FrameConnection connection, @Nullable Throwable cause) {
      door.left(remote, cause);
    }
  }
}
