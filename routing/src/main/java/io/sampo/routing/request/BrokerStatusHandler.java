package io.sampo.routing.request;

import io.netty.buffer.Unpooled;
import io.sampo.actors.group.LogGroup;
import io.sampo.actors.group.RecordReader.Extent;
import io.sampo.actors.group.RecordReader.ExtentReply;
import io.sampo.actors.group.RecordReader.GetExtent;
import io.sampo.routing.net.Exchange;
import io.sampo.wire.CommandCodec;
import io.sampo.wire.CommandHeader;
import io.sampo.wire.RemotingCommand;
import io.sampo.wire.body.TextTable;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * How a broker is, as tools ask it (28): since when it runs and what its log holds. Rates aren't
 * measured; they are there as zeros because tools read numbers from them, and so are the lengths of
 * queues that Sampo doesn't have.
 */
final class BrokerStatusHandler implements RequestHandler {
  private static final String NO_RATES = "0.0 0.0 0.0";

  /** One of them spelled as tools 4.9 do, too. */
  private static final List<String> RATES =
      List.of(
          "putTps",
          "getTotalTps",
          "getTransferredTps",
          "getTransferedTps",
          "getFoundTps",
          "getMissTps");

  private static final List<String> NOT_THERE =
      List.of(
          "sendThreadPoolQueueSize",
          "pullThreadPoolQueueSize",
          "sendThreadPoolQueueHeadWaitTimeMills",
          "pullThreadPoolQueueHeadWaitTimeMills",
          "pageCacheLockTimeMills",
          "timerReadBehind",
          "timerOffsetBehind",
          "timerCongestNum",
          "timerEnqueueTps",
          "timerDequeueTps");

  private final LeaderCache leaders;
  private final InstantSource clock;
  private final long startedMs;

  /**
   * @param clock made with the node, so the time of that is when it started
   */
  BrokerStatusHandler(LeaderCache leaders, InstantSource clock) {
    this.leaders = leaders;
    this.clock = clock;
    this.startedMs = clock.millis();
  }

  @Override
  public void handle(ClientSession session, RemotingCommand command) {
    Exchange request = session.begin(command);
    leaders.tellPart(
        session.logGroup(), LogGroup.Part.RECORDS, new GetExtent(reply -> tell(request, reply)));
  }

  private void tell(Exchange request, ExtentReply reply) {
    if (reply instanceof Extent log) {
      byte[] body = new TextTable(texts(log)).toJson();
      request.answer(CommandHeader.NONE, Unpooled.wrappedBuffer(body));
    } else {
      request.answer(Refusals.NOT_LEADING.code(), Refusals.NOT_LEADING.remark());
    }
  }

  private Map<String, String> texts(Extent log) {
    Map<String, String> texts = new HashMap<>();
    RATES.forEach(rate -> texts.put(rate, NO_RATES));
    NOT_THERE.forEach(name -> texts.put(name, "0"));
    texts.put("brokerVersionDesc", "Sampo");
    texts.put("brokerVersion", Integer.toString(CommandCodec.VERSION));
    texts.put("brokerActive", "true");
    texts.put("bootTimestamp", Long.toString(startedMs));
    texts.put("runtime", text(Duration.ofMillis(clock.millis() - startedMs)));
    texts.put("commitLogMinOffset", Long.toString(log.start()));
    texts.put("commitLogMaxOffset", Long.toString(log.end()));
    return texts;
  }

  private static String text(Duration time) {
    return "[ %d days, %d hours, %d minutes, %d seconds ]"
        .formatted(time.toDays(), time.toHoursPart(), time.toMinutesPart(), time.toSecondsPart());
  }
}
