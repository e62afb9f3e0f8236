package dev.freshet.config;

import java.time.Duration;

/**
 * How changes are captured.
 *
 * @param managePublication whether Freshet adds and drops tables of the publication itself; it only
 *     checks them otherwise
 * @param manageReplicaIdentity whether Freshet sets REPLICA IDENTITY FULL where a query needs old
 *     values; it only checks otherwise
 * @param maxRetainedWal log that may be kept because changes wait in Freshet
 * @param statusInterval the longest time between two status messages to the server
 * @param replicaIdentityLockTimeout how long one attempt to change a replica identity waits for its
 *     lock; with triggers, to put triggers on a source
 * @param pollInterval how often it is looked for changes that triggers wrote
 */
public record CdcConfig(
    CdcMode mode,
    String slotName,
    String publicationName,
    boolean managePublication,
    boolean manageReplicaIdentity,
    Duration replicaIdentityLockTimeout,
    BufferConfig buffer,
    DataSize maxRetainedWal,
    Duration statusInterval,
    SlotFailover failover,
    Duration pollInterval) {

  public CdcConfig {
    Settings.CDC_SLOT_NAME.require(slotName);
    Settings.CDC_PUBLICATION_NAME.require(publicationName);
    Settings.CDC_REPLICA_IDENTITY_LOCK_TIMEOUT.require(replicaIdentityLockTimeout);
    Settings.CDC_MAX_RETAINED_WAL.require(maxRetainedWal);
    Settings.CDC_STATUS_INTERVAL.require(statusInterval);
    Settings.CDC_POLL_INTERVAL.require(pollInterval);
  }

  /** The same with another way of capturing. */
  CdcConfig with(CdcMode other) {
    return new CdcConfig(
        other,
        slotName,
        publicationName,
        managePublication,
        manageReplicaIdentity,
        replicaIdentityLockTimeout,
        buffer,
        maxRetainedWal,
        statusInterval,
        failover,
        pollInterval);
  }
}
