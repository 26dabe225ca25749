package io.sampo.routing.request;

import static org.assertj.core.api.Assertions.assertThat;

import io.sampo.actors.group.LogGroup;
import io.sampo.actors.group.MessageFinder.Find;
import io.sampo.actors.group.MessageFinder.FindRefused;
import io.sampo.actors.group.MessageFinder.MessagesFound;
import io.sampo.actors.group.RecordReader.NoRecord;
import io.sampo.actors.group.RecordReader.ReadRecord;
import io.sampo.actors.group.RecordReader.RecordFound;
import io.sampo.record.MessageDraft;
import io.sampo.record.MessageRecordWriter;
import io.sampo.record.QueueKey;
import io.sampo.routing.net.TestClient;
import io.sampo.routing.net.TestClient.Answer;
import io.sampo.storage.log.LogSlice;
import io.sampo.wire.RequestCode;
import io.sampo.wire.ResponseCode;
import io.sampo.wire.header.QueryMessageRequestHeader;
import io.sampo.wire.header.QueryMessageResponseHeader;
import io.sampo.wire.header.ViewMessageRequestHeader;
import java.nio.ByteBuffer;
import java.util.List;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.apache.pekko.actor.testkit.typed.javadsl.TestProbe;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class QueryHandlerTest {
  private static final ActorTestKit KIT = ActorTestKit.create();

  private final FakeNode node = new FakeNode(KIT);
  private final TestClient client = node.connect();
  private final TestProbe<LogGroup.PartCommand> part = KIT.createTestProbe();

  @AfterEach
  void nothingLeaks() {
    node.close();
  }

  @AfterAll
  static void shutDown() {
    KIT.shutdownTestKit();
  }

  /** A stored message whose slice knows whether it was closed. */
  private static final class Stored implements LogSlice {
    private final ByteBuffer bytes;
    private boolean closed;

    Stored(String topic) {
      MessageDraft draft = MessageDraft.to(new QueueKey(topic, 0)).build();
      bytes = ByteBuffer.allocate(MessageRecordWriter.sizeOf(draft));
      MessageRecordWriter.encode(draft, 0, 0, 0, bytes, 0);
    }

    @Override
    public ByteBuffer bytes() {
      return bytes;
    }

    @Override
    public int sizeBytes() {
      return bytes.capacity();
    }

    @Override
    public void close() {
      closed = true;
    }
  }

  private static QueryMessageRequestHeader query(String topic, String key, int max, String type) {
    return new QueryMessageRequestHeader(topic, key, max, 5, 9, type.equals("U"), type);
  }

  private Find find() {
    client.send(RequestCode.QUERY_MESSAGE, query("T", "k", 3, ""));
    resolvePart();
    return part.expectMessageClass(Find.class);
  }

  private void resolvePart() {
    var slot = node.resolver.expectMessageClass(LeaderResolver.Resolve.class).slot();
    ((LeaderCache.PartSlot) slot).resolved(part.getRef());
  }

  @Test
  void whatIsFoundByAKeyGoesOutAsItIsStored() {
    Find find = find();
    assertThat(find.topic()).isEqualTo("T");
    assertThat(find.key()).isEqualTo("k");
    assertThat(find.uniqueOnly()).isFalse();
    assertThat(find.fromMs()).isEqualTo(5);
    assertThat(find.toMs()).isEqualTo(9);
    assertThat(find.max()).isEqualTo(3);
    Stored one = new Stored("T");
    Stored two = new Stored("T");
    find.replyTo().tell(new MessagesFound(List.of(one, two), true, 123));
    Answer answer = client.answer();

    assertThat(answer.code()).isEqualTo(ResponseCode.SUCCESS);
    assertThat(QueryMessageResponseHeader.read(answer.fields()))
        .isEqualTo(new QueryMessageResponseHeader(FakeNode.NOW.toEpochMilli(), 123));
    assertThat(answer.body()).hasSize(2 * one.sizeBytes());
    assertThat(one.closed).isTrue();
    assertThat(two.closed).isTrue();
  }

  @Test
  void nothingFoundIsToldAndSoIsASearchThatWasCutShort() {
    find().replyTo().tell(new MessagesFound(List.of(), true, 0));
    assertThat(client.answer().code()).isEqualTo(ResponseCode.QUERY_NOT_FOUND);

    client.send(RequestCode.QUERY_MESSAGE, query("T", "k", 3, "U"));
    Find find = part.expectMessageClass(Find.class);
    assertThat(find.uniqueOnly()).isTrue();
    find.replyTo().tell(new MessagesFound(List.of(), false, 0));
    Answer answer = client.answer();
    assertThat(answer.code()).isEqualTo(ResponseCode.SYSTEM_ERROR);
    assertThat(answer.remark()).contains("sampo.query.time-max");
  }

  @ParameterizedTest
  @EnumSource
  void aRefusedQueryIsAnswered(FindRefused refused) {
    find().replyTo().tell(refused);

    assertThat(client.answer().code()).isEqualTo(Refusals.of(refused).code());
  }

  @Test
  void whatMakesNoSenseReachesNobody() {
    client.send(RequestCode.QUERY_MESSAGE, query("T", "k", 0, ""));
    assertThat(client.answer().code()).isEqualTo(ResponseCode.INVALID_PARAMETER);
    client.send(RequestCode.QUERY_MESSAGE, query("T", "", 1, ""));
    assertThat(client.answer().code()).isEqualTo(ResponseCode.INVALID_PARAMETER);
    client.send(RequestCode.QUERY_MESSAGE, query("T", "k", 1, "T"));
    assertThat(client.answer().code()).isEqualTo(ResponseCode.SYSTEM_ERROR);
    node.resolver.expectNoMessage();
  }

  @ParameterizedTest
  @ValueSource(strings = {"SAMPO_SYS_SCHEDULE", "$sampo/journal/x", "rmq_sys_x", ""})
  void theBrokersOwnTopicsAreNotShown(String topic) {
    client.send(RequestCode.QUERY_MESSAGE, query(topic, "k", 1, ""));
    assertThat(client.answer().code()).isEqualTo(ResponseCode.QUERY_NOT_FOUND);

    client.send(RequestCode.VIEW_MESSAGE_BY_ID, new ViewMessageRequestHeader(7));
    resolvePart();
    ReadRecord read = part.expectMessageClass(ReadRecord.class);
    assertThat(read.position()).isEqualTo(7);
    Stored record = new Stored(topic.isEmpty() ? "OFFSET_MOVED_EVENT" : topic);
    read.replyTo().tell(new RecordFound(record));
    assertThat(client.answer().code()).isEqualTo(ResponseCode.SYSTEM_ERROR);
    assertThat(record.closed).isTrue();
  }

  @Test
  void aMessageIsViewedByItsPlace() {
    client.send(RequestCode.VIEW_MESSAGE_BY_ID, new ViewMessageRequestHeader(7));
    resolvePart();
    Stored record = new Stored("T");
    part.expectMessageClass(ReadRecord.class).replyTo().tell(new RecordFound(record));
    Answer answer = client.answer();

    assertThat(answer.code()).isEqualTo(ResponseCode.SUCCESS);
    assertThat(answer.body()).isEqualTo(record.bytes.array());
    assertThat(record.closed).isTrue();
  }

  @ParameterizedTest
  @EnumSource
  void aPlaceWithoutAMessageIsAnError(NoRecord none) {
    client.send(RequestCode.VIEW_MESSAGE_BY_ID, new ViewMessageRequestHeader(-7));
    resolvePart();
    part.expectMessageClass(ReadRecord.class).replyTo().tell(none);

    assertThat(client.answer().code())
        .isEqualTo(
            none == NoRecord.NOT_LEADING
                ? ResponseCode.SERVICE_NOT_AVAILABLE
                : ResponseCode.SYSTEM_ERROR);
  }
}
