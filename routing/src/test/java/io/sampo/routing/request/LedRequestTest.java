package io.sampo.routing.request;

import io.sampo.actors.group.RecordReader.ReadRecord;
import io.sampo.routing.net.TestClient;
import io.sampo.wire.RequestCode;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class LedRequestTest {
  private final ActorTestKit kit = ActorTestKit.create();
  private final FakeNode node = new FakeNode(kit);

  @AfterEach
  void shutDown() {
    kit.shutdownTestKit();
  }

  @Test
  void whatIsKeptForTheNextLeaderIsGivenBackWhenItsConnectionClosesThoughNobodyAnswers() {
    node.mayMove();
    TestClient client = node.connect();
    byte[] body = new byte[100]; // or there would be no buffer to keep
    client.send(RequestCode.VIEW_MESSAGE_BY_ID, out -> out.field("offset", 700), body);
    node.resolveNextPart();
    node.parts.expectMessageClass(ReadRecord.class);

    node.close(); // which looks for buffers that nobody gave back
  }
}
