package io.sampo.actors.transaction;

import io.sampo.cluster.replication.ReplyTo;
import io.sampo.wire.header.CheckTransactionRequestHeader;

/** A producer's connection, as those see it who have to ask it. Equal to itself only. */
public interface ProducerLink {
  /** The log group that the producer is connected to. */
  String logGroup();

  /**
   * Asks the producer what became of a transaction (code 39). Never blocks; any thread.
   *
   * @param written told once: true when the question is written to the connection, false when that
   *     can't be. Any thread, also before this returns
   */
  void check(TransactionCheck check, ReplyTo<Boolean> written);

  /**
   * A question to a producer.
   *
   * @param record the half message's record with its real topic; never changed
   */
  record TransactionCheck(CheckTransactionRequestHeader header, byte[] record) {}
}
