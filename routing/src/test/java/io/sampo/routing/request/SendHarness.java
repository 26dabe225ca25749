package io.sampo.routing.request;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.sampo.actors.group.Queue;
import io.sampo.cluster.replication.AppendReply.Appended;
import io.sampo.record.MessageDraft;
import io.sampo.routing.net.TestClient;
import io.sampo.routing.net.TestClient.Answer;
import io.sampo.wire.RequestCode;
import io.sampo.wire.header.SendRequestHeader;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;

/** A client that sends, and a node whose queues the test plays. */
abstract class SendHarness {
  static final byte[] BODY = "hello".getBytes(UTF_8);

  static ActorTestKit kit;

  FakeNode node;
  TestClient client;

  @BeforeAll
  static void start() {
    kit = ActorTestKit.create();
  }

  @AfterAll
  static void shutDown() {
    kit.shutdownTestKit();
  }

  @BeforeEach
  void connect() {
    node = new FakeNode(kit);
    client = node.connect();
  }

  @AfterEach
  void nothingLeaks() {
    node.close();
  }

  final Answer refusal(SendRequestHeader header, byte[] body) {
    client.send(RequestCode.SEND_MESSAGE_V2, header, body);
    node.queues.expectNoMessage();
    return client.answer();
  }

  final Queue.Append appended() {
    return node.queues.expectMessageClass(Queue.Append.class);
  }

  static void store(Queue.Append append, long queueOffset, long... positions) {
    append.messages().forEach(MessageDraft::release);
    append.replyTo().tell(new Appended(queueOffset, positions));
  }
}
