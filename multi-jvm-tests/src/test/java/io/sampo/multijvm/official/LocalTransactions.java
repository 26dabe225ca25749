package io.sampo.multijvm.official;

/** An application's own transactions, which decide what becomes of its messages. */
public interface LocalTransactions {
  /** What an application says of a transaction. */
  enum Decision {
    COMMIT,
    ROLLBACK,
    UNKNOWN
  }

  /** Carries out the transaction of a message, once its half message is stored. */
  Decision execute(byte[] body);

  /** Says what became of the transaction, because the broker asks. */
  Decision check(Delivery half);
}
