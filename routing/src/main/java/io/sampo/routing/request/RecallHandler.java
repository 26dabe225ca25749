package io.sampo.routing.request;

import io.sampo.actors.group.LogGroup;
import io.sampo.actors.schedule.Scheduler;
import io.sampo.actors.schedule.Scheduler.RecallReply;
import io.sampo.routing.net.Exchange;
import io.sampo.wire.RemotingCommand;
import io.sampo.wire.ResponseCode;
import org.jspecify.annotations.Nullable;

/**
 * Recall (370): cancels a message that is delivered later. Answered only when it is certain: a
 * message that was recalled is never delivered, and one that was delivered can't be recalled.
 *
 * <p>The handle says which log group has the message, whatever port it comes in at. RocketMQ's
 * RecallMessageProcessor answers success for any key, since it cancels later; here a key that
 * nobody waits under is told with the code that it has for handles that are wrong or too late.
 */
final class RecallHandler implements RequestHandler {
  private final Brokers brokers;
  private final LeaderCache leaders;

  RecallHandler(Brokers brokers, LeaderCache leaders) {
    this.brokers = brokers;
    this.leaders = leaders;
  }

  @Override
  public void handle(ClientSession session, RemotingCommand command) {
    Exchange request = session.begin(command);
    String topic = command.fields().name("topic");
    RecallHandle handle = RecallHandle.decode(command.fields().text("recallHandle"));
    String problem = problem(handle, topic);
    if (handle == null || problem != null) {
      request.answer(ResponseCode.ILLEGAL_OPERATION, problem);
      return;
    }
    leaders.tellPart(
        handle.broker(),
        LogGroup.Part.SCHEDULE,
        new Scheduler.Recall(
            handle.topic(),
            handle.dueMs(),
            handle.uniqueKey(),
            reply -> answer(request, handle, reply)));
  }

  private @Nullable String problem(@Nullable RecallHandle handle, String topic) {
    if (handle == null) {
      return "the recall handle can't be read";
    }
    if (!handle.topic().equals(topic)) {
      return "the recall handle is of another topic, " + handle.topic();
    }
    if (!brokers.logGroups().contains(handle.broker())) {
      return "the recall handle is of a broker that is not here, " + handle.broker();
    }
    return null;
  }

  private static void answer(Exchange request, RecallHandle handle, RecallReply reply) {
    switch (reply) {
      case RECALLED -> request.answer(out -> out.field("msgId", handle.uniqueKey()));
      case NOT_PENDING ->
          request.answer(
              ResponseCode.ILLEGAL_OPERATION,
              "no such message waits; it was delivered or recalled before");
      case BUSY, NOT_WRITTEN ->
          request.answer(
              ResponseCode.SYSTEM_ERROR, "the message could not be recalled, try again: " + reply);
      case NOT_LEADING -> Refusals.NOT_LEADING.answer(request);
    }
  }
}
