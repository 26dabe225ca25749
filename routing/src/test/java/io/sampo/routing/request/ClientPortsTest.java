package io.sampo.routing.request;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.ConfigFactory;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.sampo.actors.catalog.TopicConfig;
import io.sampo.actors.group.LeaderDirectory;
import io.sampo.actors.group.Leaders;
import io.sampo.actors.group.LogGroup;
import io.sampo.actors.group.LogGroup.LeaderAnnouncement;
import io.sampo.actors.group.LogGroup.QueueResolved;
import io.sampo.actors.group.LogGroup.ResolveQueue;
import io.sampo.actors.group.LogGroups;
import io.sampo.actors.group.Queue;
import io.sampo.actors.group.Queue.Found;
import io.sampo.actors.schedule.DueClock;
import io.sampo.actors.transaction.Producers;
import io.sampo.cluster.replication.AppendReply.Appended;
import io.sampo.record.MessageDraft;
import io.sampo.record.MessageIds;
import io.sampo.routing.net.TestClient;
import io.sampo.routing.net.TestSlice;
import io.sampo.routing.request.ClientPorts.Addresses;
import io.sampo.wire.CommandCodec;
import io.sampo.wire.CommandHeader;
import io.sampo.wire.HeaderCodec;
import io.sampo.wire.RemotingCommand;
import io.sampo.wire.RequestCode;
import io.sampo.wire.ResponseCode;
import io.sampo.wire.body.TopicRouteData;
import io.sampo.wire.header.PullRequestHeader;
import io.sampo.wire.header.RouteRequestHeader;
import io.sampo.wire.header.SendRequestHeader;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A node's ports with sockets and actors; only the queues keep what they get in memory. */
@Timeout(60)
class ClientPortsTest {
  private final ActorTestKit kit = ActorTestKit.create();

  private final FakeCatalog catalog = new FakeCatalog();
  private final List<TestSlice> slices = new ArrayList<>();
  private ClientPorts ports;

  ClientPortsTest() throws IOException {
    LinkedHashMap<String, Integer> brokerPorts = new LinkedHashMap<>();
    brokerPorts.put("broker-0", 0);
    brokerPorts.put("broker-1", 0);
    ports =
        ClientPorts.bind(
            RequestSettings.from(ConfigFactory.load()),
            new Addresses("127.0.0.1", "C", 0, brokerPorts));
  }

  @BeforeEach
  void serve() {
    catalog.put(TopicConfig.of("T", 2, 6));
    LeaderDirectory directory = new LeaderDirectory();
    for (String logGroup : List.of("broker-0", "broker-1")) {
      ActorRef<LogGroup.Command> leader = kit.spawn(leader(logGroup));
      Leaders.announce(directory, new LeaderAnnouncement(logGroup, 1, leader));
    }
    ports.serve(
        kit.system(),
        new LogGroups(
            List.of("broker-0", "broker-1"),
            directory,
            catalog,
            new Producers(8),
            DueClock.ofSystem(Duration.ofMinutes(1))));
  }

  @AfterEach
  void stop() {
    ports.stop(Duration.ofSeconds(5)).toCompletableFuture().join();
    kit.shutdownTestKit();
    assertThat(slices).allMatch(slice -> slice.timesClosed() == 1);
  }

  private Behavior<LogGroup.Command> leader(String logGroup) {
    return Behaviors.receive(
        (context, command) -> {
          if (command instanceof ResolveQueue resolve) {
            ActorRef<Queue.Command> queue = context.spawnAnonymous(queue(logGroup));
            resolve.replyTo().tell(new QueueResolved(resolve.queue(), queue));
          }
          return Behaviors.same();
        });
  }

  /** Stores messages by their text, behind the name of their log group. */
  private Behavior<Queue.Command> queue(String logGroup) {
    List<String> stored = new ArrayList<>();
    return Behaviors.receive(
        (context, command) -> {
          if (command instanceof Queue.Append append) {
            MessageDraft draft = append.messages().get(0);
            stored.add(logGroup + ":" + UTF_8.decode(draft.body().duplicate()));
            draft.release();
            append.replyTo().tell(new Appended(stored.size() - 1, new long[] {stored.size()}));
          } else if (command instanceof Queue.Pull pull) {
            TestSlice slice = new TestSlice(String.join(",", stored));
            slices.add(slice);
            pull.replyTo()
                .tell(new Found(List.of(slice), stored.size(), stored.size(), 0, stored.size()));
          }
          return Behaviors.same();
        });
  }

  private static final class Client implements AutoCloseable {
    private final Socket socket;

    Client(int port) throws IOException {
      socket = new Socket(InetAddress.getLoopbackAddress(), port);
      socket.setSoTimeout(20_000);
    }

    void send(int code, CommandHeader header, String body) throws IOException {
      ByteBuf frame =
          TestClient.frame(HeaderCodec.JSON, 1, code, false, header, body.getBytes(UTF_8));
      socket.getOutputStream().write(frame.array(), 0, frame.readableBytes());
      frame.release();
    }

    RemotingCommand answer() throws IOException {
      DataInputStream in = new DataInputStream(socket.getInputStream());
      byte[] frame = in.readNBytes(in.readInt());
      return CommandCodec.decode(Unpooled.wrappedBuffer(frame), 0, frame.length);
    }

    @Override
    public void close() throws IOException {
      socket.close();
    }
  }

  private static SendRequestHeader send(int queueId) {
    return new SendRequestHeader(
        "P", "T", "TBW102", 4, queueId, 0, 1, 0, null, 0, false, -1, false, "broker-0");
  }

  private static PullRequestHeader pull(int queueId) {
    return new PullRequestHeader("G", "T", queueId, 0, 32, 4, 0, 0, "*", 0, "TAG", 1 << 20);
  }

  @Test
  void whatIsSentToAPortIsPulledFromThatPort() throws IOException {
    for (String logGroup : List.of("broker-0", "broker-1")) {
      int port = ports.brokerPort(logGroup);
      try (Client client = new Client(port)) {
        for (String text : List.of("one", "two")) {
          client.send(RequestCode.SEND_MESSAGE_V2, send(1), text);
          RemotingCommand stored = client.answer();
          assertThat(stored.code()).isEqualTo(ResponseCode.SUCCESS);
          assertThat(MessageIds.decode(stored.fields().text("msgId")).storeHost().port())
              .isEqualTo(port);
        }
        client.send(RequestCode.PULL_MESSAGE, pull(1), "");
        RemotingCommand pulled = client.answer();

        assertThat(pulled.code()).isEqualTo(ResponseCode.SUCCESS);
        assertThat(pulled.body().toString(UTF_8)).isEqualTo(logGroup + ":one," + logGroup + ":two");
      }
    }
  }

  @Test
  void routesNameThePortsThatWereTaken() throws IOException {
    try (Client client = new Client(ports.nameServerPort())) {
      client.send(RequestCode.GET_ROUTEINFO_BY_TOPIC, new RouteRequestHeader("T"), "");
      TopicRouteData route = TopicRouteData.fromJson(client.answer().body());

      assertThat(route.brokers())
          .extracting(broker -> broker.addresses().get(0L))
          .containsExactly(
              "127.0.0.1:" + ports.brokerPort("broker-0"),
              "127.0.0.1:" + ports.brokerPort("broker-1"));
    }
  }

  @Test
  void manyRequestsOfOneConnectionAreAllAnswered() throws IOException {
    int count = 5000;
    try (Client client = new Client(ports.brokerPort("broker-0"))) {
      Thread sender =
          new Thread(
              () -> {
                try {
                  for (int i = 0; i < count; i++) {
                    client.send(RequestCode.SEND_MESSAGE_V2, send(i % 2), "m" + i);
                  }
                } catch (IOException e) {
                  throw new IllegalStateException(e);
                }
              });
      sender.start();
      for (int i = 0; i < count; i++) {
        assertThat(client.answer().code()).isEqualTo(ResponseCode.SUCCESS);
      }
    }
  }
}
